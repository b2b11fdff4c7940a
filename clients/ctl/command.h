// The commands of howdahctl: one for each RPC, read from the contract.
//
//   const auto commands = CommandList::FromContract();
//   const Command* create = commands.Find("clusters", "create");
//   create->parameters[2].flag => "--name"
//
// Nothing here is written by hand for one RPC: the resource comes from the
// service, the verb from the method, the texts from the comments, and the rest
// from the options of howdah/mcp/v1/annotations.proto.
#ifndef HOWDAH_CLIENTS_CTL_COMMAND_H_
#define HOWDAH_CLIENTS_CTL_COMMAND_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace google::protobuf {
class DynamicMessageFactory;
}

namespace howdah::ctl {

// One field of a request.
struct Parameter {
  const google::protobuf::FieldDescriptor* field = nullptr;
  mcp::v1::Field facts;
  std::string flag;         // "--storage-size"
  std::string placeholder;  // "STORAGE_SIZE"
  std::string comment;
  // Stands without a flag: required and naming an object.
  bool positional = false;

  bool is_switch() const;  // a boolean: needs no value
  bool takes_number() const;
};

struct Command {
  std::string resource;  // "clusters"
  std::string verb;      // "create"
  const google::protobuf::MethodDescriptor* method = nullptr;
  mcp::v1::Method facts;
  std::string comment;
  std::vector<Parameter> parameters;  // in field order

  // "/howdah.postgres.v1.ClusterService/CreateCluster"
  std::string path() const;
  bool reads() const { return facts.effect() == mcp::v1::EFFECT_READ; }
  // By the name of its field; null if there is none.
  const Parameter* FindField(absl::string_view name) const;
  const Parameter* FindFlag(absl::string_view flag) const;
  std::vector<const Parameter*> Positionals() const;
  // The contract speaks of fields; here they are arguments: "dry_run" =>
  // "--dry-run". Only names that no sentence has otherwise.
  std::string InWordsOfFlags(absl::string_view text) const;
  // As it stands on the command line: "NAME", "--instances", "--yes".
  std::string ArgumentName(const Parameter& parameter) const;
};

// A service.
struct Resource {
  std::string word;     // "clusters"
  std::string comment;  // of the service
  std::vector<Command> commands;
};

// All commands. Threads: immutable; safe. Owns: the descriptors that its
// commands and messages point to, so it must outlive them.
class CommandList {
 public:
  // Reads the embedded contract; it fits the program, so nothing can fail.
  static CommandList FromContract();

  CommandList(CommandList&&) noexcept;
  ~CommandList();

  const std::vector<Resource>& resources() const { return resources_; }
  const Resource* FindResource(absl::string_view word) const;
  const Command* Find(absl::string_view resource, absl::string_view verb) const;

  // The contract speaks of tools; here they are commands: "list_postgres_roles"
  // => "howdahctl roles list".
  std::string InWordsOfCommands(absl::string_view text) const;

  std::unique_ptr<google::protobuf::Message> NewMessage(
      const google::protobuf::Descriptor* type) const;
  // A message of the contract by its full name; null if there is none.
  std::unique_ptr<google::protobuf::Message> NewMessage(
      const std::string& type) const;

 private:
  CommandList();
  void AddService(const google::protobuf::ServiceDescriptor& service);

  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  std::unique_ptr<google::protobuf::DynamicMessageFactory> factory_;
  std::vector<Resource> resources_;
};

// Sentences of the contract and the backend in the words of the command line:
// "list_postgres_clusters shows …, or set confirm_deletion=true" =>
// "howdahctl clusters list shows …, or set --yes".
// Threads: safe. Owns: nothing.
class Wording {
 public:
  // `command` may be null.
  Wording(const CommandList& commands, const Command* command)
      : commands_(commands), command_(command) {}

  std::string Say(absl::string_view sentence) const;
  // The argument that a field path of the request means.
  std::string ArgumentName(const std::string& path) const;
  // Whether the command needs --yes.
  bool is_destructive() const;

 private:
  const CommandList& commands_;
  const Command* const command_;
};

// A comment up to the end of its first sentence, without the stop.
std::string FirstSentence(absl::string_view comment);

// The first sentence, or its first part where that says enough: up to a colon
// or semicolon.
std::string Brief(absl::string_view comment);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_COMMAND_H_

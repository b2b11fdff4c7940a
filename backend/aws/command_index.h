// What an AWS CLI can do: its services, commands and options, as it says
// itself.
//
//   ASSIGN_OR_RETURN(std::shared_ptr<const ServiceCommands> ec2,
//                    index.Service("ec2"));
//   const Command* command = ec2->Find({"describe-instances"});
//   command->FindOption("--instance-ids")->values == OptionValues::kMany
//
// The way of a command through this folder:
//
//   SplitWords (shell_words.h) -> ParseCommand (command_line.h)
//     -> Classify (classifier.h) -> Policy::Decide (policy.h) -> run argv
//
// InstalledIndex (installed_index.h) is the CommandIndex of the CLI on this
// machine, TextIndex one of given text. Names are those that the CLI takes
// ("s3api"), `api_service` those of its models ("s3").
#ifndef HOWDAH_BACKEND_AWS_COMMAND_INDEX_H_
#define HOWDAH_BACKEND_AWS_COMMAND_INDEX_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::aws {

enum class OptionValues {
  kNone,      // a switch
  kOptional,  // nothing or one
  kOne,
  kMany,  // one or more words, up to the next option
};

struct Option {
  std::string name = {};  // "--instance-ids"; of a positional one "outfile"
  // Member of the API operation's input; empty for what the CLI adds.
  std::string member = {};
  // "string", "integer", "boolean", "list", "structure", "map", "blob", …
  std::string type = {};
  // Name of the CLI's class that handles it: says what is done with the value.
  std::string handler = {};
  std::vector<std::string> choices = {};
  OptionValues values = OptionValues::kOne;
  // How many words a positional or counted option takes at most.
  int max_values = 1;
  bool positional = false;
  bool required = false;
  // The value is the path of a file that is sent.
  bool streams_file = false;
  // The model says that the value, or something in it, is sensitive.
  bool sensitive = false;
  // A token against doing it twice: the service knows a repeated one again.
  bool is_client_token = false;

  bool IsNumeric() const;
  // Written as JSON, or in the CLI's shorthand.
  bool IsStructured() const;
};

struct Command {
  std::string service = {};            // "s3api"
  std::vector<std::string> path = {};  // {"wait", "bucket-exists"}
  // Of the API operation behind it; all empty for customizations.
  std::string api_service = {};
  std::string operation = {};  // "HeadBucket"
  std::string http_method = {};
  std::string protocol = {};
  // Name of the CLI's class; "ServiceOperation" for a plain operation.
  std::string handler = {};
  bool is_waiter = false;
  bool has_idempotency_token = false;
  bool has_readonly_trait = false;
  bool is_paginated = false;
  bool streams_output = false;  // the CLI writes a file
  bool streams_events = false;
  // Where the model says that the output is sensitive: "Credentials.SecretKey",
  // "Items[].Value", "Map{}.Value".
  std::vector<std::string> sensitive_output = {};
  std::vector<Option> options = {};

  // "s3api wait bucket-exists"
  std::string Name() const;
  bool IsCustomization() const { return operation.empty(); }
  // By its exact name; null if there is none.
  const Option* FindOption(absl::string_view name) const;
  // The option that sets a member of the input; null if there is none.
  const Option* FindMember(absl::string_view member) const;
  // Null if the operation has no token against doing it twice.
  const Option* ClientTokenOption() const;
};

// The commands of one service. Threads: immutable; safe.
class ServiceCommands {
 public:
  // From lines of JSON, as index_plugin.py writes them.
  static absl::StatusOr<std::shared_ptr<const ServiceCommands>> Parse(
      absl::string_view lines);

  // Null unless `path` is exactly a command.
  const Command* Find(const std::vector<std::string>& path) const;
  // Whether some command's path goes on behind `path`.
  bool HasGroup(const std::vector<std::string>& path) const;
  // The words that may come behind `path`.
  std::vector<std::string> WordsAfter(
      const std::vector<std::string>& path) const;
  const std::vector<Command>& all() const { return commands_; }

 private:
  std::vector<Command> commands_;  // sorted by path
};

// Threads: safe.
class CommandIndex {
 public:
  virtual ~CommandIndex() = default;

  // "aws-cli/2.9.19"
  virtual std::string cli_version() const = 0;
  // Version 1 fetches values that begin with http:// or https://.
  bool FetchesUrls() const;
  // Sorted names of all services.
  virtual const std::vector<std::string>& services() const = 0;
  // NOT_FOUND for a name that is not in services().
  virtual absl::StatusOr<std::shared_ptr<const ServiceCommands>> Service(
      absl::string_view name) const = 0;
};

// An index of given text: the first line names version and services, the others
// are commands. Reads all at once; for tests.
// Threads: immutable; safe.
class TextIndex : public CommandIndex {
 public:
  static absl::StatusOr<std::unique_ptr<TextIndex>> Parse(
      absl::string_view text);

  std::string cli_version() const override { return cli_version_; }
  const std::vector<std::string>& services() const override {
    return services_;
  }
  absl::StatusOr<std::shared_ptr<const ServiceCommands>> Service(
      absl::string_view name) const override;

 private:
  std::string cli_version_;
  std::vector<std::string> services_;
  absl::btree_map<std::string, std::shared_ptr<const ServiceCommands>>
      commands_;
};

// First line of an index: {"cli":"aws-cli/2.9.19","services":["acm",…]}.
struct IndexHead {
  std::string cli_version = {};
  std::vector<std::string> services = {};
};
absl::StatusOr<IndexHead> ParseIndexHead(absl::string_view line);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_COMMAND_INDEX_H_

// Which tools there are and which RPC each one is, read from the contract.
//
//   auto catalogue = Catalogue::Build();   // fails on a careless contract
//   const Tool* tool = (*catalogue)->Find("get_cluster_status");
//   tool->path;                            //
//   "/howdah...ClusterService/GetCluster"
//
// There is no other list of tools: a new RPC with a comment and a `tool` option
// appears here by itself. What clients see of a tool (schemas, descriptions) is
// made at the first tools(), as most starts are followed by a call and not by a
// list.
#ifndef HOWDAH_ADAPTER_CATALOGUE_CATALOGUE_H_
#define HOWDAH_ADAPTER_CATALOGUE_CATALOGUE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/catalogue/comments.h"
#include "adapter/catalogue/rpc.h"
#include "adapter/mcp/tool_provider.h"
#include "adapter/transcoding/json_to_message.h"
#include "adapter/transcoding/message_table.h"
#include "google/protobuf/descriptor.h"
#include "proto/support/environment.h"

namespace howdah::catalogue {

// A method that is offered as a tool.
struct Tool : Rpc {
  std::string name;
  transcoding::ArgumentShape arguments;
};

// Why a method may not be offered as a tool; OK if it may.
absl::Status CheckExposed(const google::protobuf::MethodDescriptor& method,
                          absl::string_view comment);

// Threads: one. Owns: the tools and their tables.
class Catalogue {
 public:
  // `toolsets` are asked for by name or by "all"; they matter for those that
  // are off else, since `environment` does not switch them on.
  static absl::StatusOr<std::unique_ptr<Catalogue>> Build(
      const std::vector<std::string>& toolsets = {},
      const support::EnvironmentOf& environment = support::EmptyEnvironment);

  // In the order of the contract.
  const std::vector<Tool>& tools() const { return tools_; }
  // Null if there is none.
  const Tool* Find(absl::string_view name) const;
  // What clients see, in the same order.
  const std::vector<mcp::ToolDefinition>& definitions() const;

  // All methods of the contract, and what else is read from them.
  const std::vector<const google::protobuf::MethodDescriptor*>& methods()
      const {
    return methods_;
  }
  const Comments& comments() const { return comments_; }
  transcoding::MessageTables& tables() { return tables_; }

  // Each once, in the order of the contract; also those that are off.
  const std::vector<std::string>& toolsets() const { return toolsets_; }
  const std::vector<std::string>& toolsets_off() const { return toolsets_off_; }

 private:
  explicit Catalogue(Comments comments) : comments_(std::move(comments)) {}
  // Whether the service's methods are part of this catalogue.
  bool IsOn(const google::protobuf::ServiceDescriptor& service,
            const std::vector<std::string>& toolsets,
            const support::EnvironmentOf& environment);
  absl::Status Add(const google::protobuf::MethodDescriptor& method);
  mcp::ToolDefinition Define(const Tool& tool) const;

  Comments comments_;
  transcoding::MessageTables tables_;
  std::vector<const google::protobuf::MethodDescriptor*> methods_;
  std::vector<std::string> toolsets_;
  std::vector<std::string> toolsets_off_;
  std::vector<Tool> tools_;
  mutable std::vector<mcp::ToolDefinition> definitions_;
};

}  // namespace howdah::catalogue

#endif  // HOWDAH_ADAPTER_CATALOGUE_CATALOGUE_H_

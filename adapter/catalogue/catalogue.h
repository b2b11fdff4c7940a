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

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/catalogue/comments.h"
#include "adapter/mcp/tool_provider.h"
#include "adapter/transcoding/json_to_message.h"
#include "adapter/transcoding/message_table.h"
#include "google/protobuf/message.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::catalogue {

// What a call of a tool needs to know.
struct Tool {
  std::string name;
  std::string path;
  const google::protobuf::MethodDescriptor* method = nullptr;
  const howdah::mcp::v1::Method* facts = nullptr;
  const google::protobuf::Message* request = nullptr;  // prototypes
  const google::protobuf::Message* response = nullptr;
  transcoding::ArgumentShape arguments;
  const transcoding::MessageTable* answer = nullptr;
  absl::Duration deadline;
  size_t result_budget = 0;

  // Empty if it cannot be switched off.
  const std::string& toolset() const {
    return method->service()
        ->options()
        .GetExtension(howdah::mcp::v1::service)
        .toolset();
  }
  bool read_only() const {
    return facts->effect() == howdah::mcp::v1::EFFECT_READ;
  }
};

// Why a method may not be offered as a tool; OK if it may.
absl::Status CheckExposed(const google::protobuf::MethodDescriptor& method,
                          absl::string_view comment);

// Threads: one. Owns: the tools and their tables.
class Catalogue {
 public:
  static absl::StatusOr<std::unique_ptr<Catalogue>> Build();

  // In the order of the contract.
  const std::vector<Tool>& tools() const { return tools_; }
  // Null if there is none.
  const Tool* Find(absl::string_view name) const;
  // What clients see, in the same order.
  const std::vector<mcp::ToolDefinition>& definitions() const;

  // Tables of messages that no tool names, such as the result of an operation.
  transcoding::MessageTables& tables() { return tables_; }

 private:
  explicit Catalogue(Comments comments) : comments_(std::move(comments)) {}
  absl::Status Add(const google::protobuf::MethodDescriptor& method);
  mcp::ToolDefinition Define(const Tool& tool) const;

  Comments comments_;
  transcoding::MessageTables tables_;
  std::vector<Tool> tools_;
  mutable std::vector<mcp::ToolDefinition> definitions_;
};

}  // namespace howdah::catalogue

#endif  // HOWDAH_ADAPTER_CATALOGUE_CATALOGUE_H_

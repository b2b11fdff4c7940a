#include "adapter/catalogue/catalogue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/catalogue/icons.h"
#include "adapter/catalogue/schema.h"
#include "proto/descriptors/descriptors.h"
#include "proto/support/scopes.h"
#include "proto/support/status_macros.h"
#include "proto/support/toolsets.h"

namespace howdah::catalogue {
namespace {

using ::google::protobuf::DescriptorPool;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FileDescriptor;
using ::google::protobuf::MethodDescriptor;
using ::google::protobuf::ServiceDescriptor;

bool Has(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status Careless(const MethodDescriptor& method, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat(method.full_name(), " is offered as a tool but ", what,
                   "; see proto/howdah/mcp/v1/annotations.proto."));
}

bool IsBool(const FieldDescriptor* field) {
  return field != nullptr && !field->is_repeated() &&
         field->type() == FieldDescriptor::TYPE_BOOL;
}

absl::Status CheckName(const MethodDescriptor& method, absl::string_view name) {
  if (name.empty() || name.size() > 64) {
    return Careless(method, "its tool name is empty or too long");
  }
  for (const char c : name) {
    const bool good =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!good) return Careless(method, "its tool name is not [a-z0-9_]+");
  }
  return absl::OkStatus();
}

absl::Status CheckWaitable(const MethodDescriptor& method) {
  const auto* operation = method.output_type()->FindFieldByName("operation");
  if (operation == nullptr || operation->message_type() == nullptr ||
      operation->message_type()->full_name() !=
          "howdah.operations.v1.Operation") {
    return Careless(method, "is waitable without an operation in its answer");
  }
  if (!IsBool(method.input_type()->FindFieldByName("wait"))) {
    return Careless(method, "is waitable without a boolean field wait");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckExposed(const MethodDescriptor& method,
                          absl::string_view comment) {
  const auto& facts = method.options().GetExtension(howdah::mcp::v1::method);
  RETURN_IF_ERROR(CheckName(method, facts.tool().name()));
  if (method.client_streaming() || method.server_streaming()) {
    return Careless(method, "streams");
  }
  if (facts.effect() == howdah::mcp::v1::EFFECT_UNSPECIFIED) {
    return Careless(method, "declares no effect");
  }
  if (comment.empty()) return Careless(method, "has no comment");
  if (facts.destructive() && !IsBool(method.input_type()->FindFieldByName(
                                 facts.confirmation_field()))) {
    return Careless(method, "is destructive without a confirmation field");
  }
  return facts.waitable() ? CheckWaitable(method) : absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Catalogue>> Catalogue::Build(
    const std::vector<std::string>& toolsets,
    const support::EnvironmentOf& environment) {
  ASSIGN_OR_RETURN(Comments comments,
                   Comments::Parse(descriptors::FileDescriptorSetBytes()));
  std::unique_ptr<Catalogue> catalogue(new Catalogue(std::move(comments)));
  for (const std::string& name : catalogue->comments_.files()) {
    const FileDescriptor* file =
        DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr) {
      return absl::InternalError(
          absl::StrCat(name,
                       " is in the contract but not compiled in; add it to "
                       "//proto:contract."));
    }
    for (int s = 0; s < file->service_count(); ++s) {
      if (!catalogue->IsOn(*file->service(s), toolsets, environment)) continue;
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const MethodDescriptor& method = *file->service(s)->method(m);
        catalogue->methods_.push_back(&method);
        if (method.options().GetExtension(howdah::mcp::v1::method).has_tool()) {
          RETURN_IF_ERROR(catalogue->Add(method));
        }
      }
    }
  }
  return catalogue;
}

absl::Status Catalogue::Add(const MethodDescriptor& method) {
  RETURN_IF_ERROR(CheckExposed(method, comments_.Of(method)));
  const auto& facts = method.options().GetExtension(howdah::mcp::v1::method);
  if (Find(facts.tool().name()) != nullptr) {
    return Careless(method, "its tool name is taken");
  }
  Tool& tool = tools_.emplace_back();
  static_cast<Rpc&>(tool) = DescribeRpc(method, tables_);
  tool.name = facts.tool().name();
  tool.arguments.table = &tables_.For(*method.input_type());
  tool.arguments.offers_format =
      tool.read_only() &&
      method.input_type()->FindFieldByName("format") == nullptr;
  return absl::OkStatus();
}

bool Catalogue::IsOn(const ServiceDescriptor& service,
                     const std::vector<std::string>& toolsets,
                     const support::EnvironmentOf& environment) {
  const auto& facts = service.options().GetExtension(howdah::mcp::v1::service);
  const bool on = support::IsOnUnasked(service, environment) ||
                  Has(toolsets, facts.toolset()) || Has(toolsets, "all");
  if (!facts.toolset().empty() && !Has(toolsets_, facts.toolset())) {
    toolsets_.push_back(facts.toolset());
    if (!on) toolsets_off_.push_back(facts.toolset());
  }
  return on;
}

const Tool* Catalogue::Find(absl::string_view name) const {
  for (const Tool& tool : tools_) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

mcp::ToolDefinition Catalogue::Define(const Tool& tool) const {
  const auto& facts = *tool.facts;
  mcp::ToolDefinition definition;
  definition.name = tool.name;
  definition.title = facts.tool().title();
  definition.description = comments_.Of(*tool.method);
  definition.toolset = tool.toolset();
  definition.icons_json = ToolsetIcons(tool.toolset());
  definition.input_schema_json = InputSchema(tool.arguments, comments_);
  definition.output_schema_json = OutputSchema(*tool.answer);
  const bool unknown_effect = facts.effect() == howdah::mcp::v1::EFFECT_EXECUTE;
  definition.read_only = tool.read_only();
  definition.destructive = facts.destructive() || unknown_effect;
  definition.idempotent = facts.idempotent();
  definition.open_world = unknown_effect;
  for (const auto scope : support::NeededScopes(facts)) {
    definition.scopes.push_back(support::ScopeText(scope));
  }
  return definition;
}

const std::vector<mcp::ToolDefinition>& Catalogue::definitions() const {
  if (definitions_.empty()) {
    definitions_.reserve(tools_.size());
    for (const Tool& tool : tools_) definitions_.push_back(Define(tool));
  }
  return definitions_;
}

}  // namespace howdah::catalogue

// The seam between MCP and its prompts. The contract of threads and callbacks
// is that of tool_provider.h.
//
//   prompts()  -> {{.name = "review_fleet", .arguments = {{.name =
//                 "namespace"}}}}
//   Get({.name = "review_fleet", ...}) -> one message of the user
#ifndef HOWDAH_ADAPTER_MCP_PROMPT_PROVIDER_H_
#define HOWDAH_ADAPTER_MCP_PROMPT_PROVIDER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/client_input.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/running_call.h"

namespace howdah::mcp {

struct PromptArgument {
  std::string name;
  std::string title;
  std::string description;
  bool required = false;
};

// As `prompts/list` shows it. Empty members are left out.
struct PromptDefinition {
  std::string name;
  std::string title;
  std::string description;
  std::vector<PromptArgument> arguments;
  std::string icons_json;
};

struct PromptMessage {
  enum class Role { kUser, kAssistant };
  Role role = Role::kUser;
  // One content block, a JSON object: {"type":"text","text":".."}
  std::string content_json;
};

// {"type":"text","text":".."}
std::string TextContent(absl::string_view text);

struct PromptAnswer {
  std::string description;
  std::vector<PromptMessage> messages;
  // See ToolResult::input_required.
  std::optional<InputRequired> input_required;
};

struct PromptCall {
  std::string name;
  // In the order given. Those required are there, and all are known.
  std::vector<std::pair<std::string, std::string>> arguments;
  RequestContext context;
  InputResponses inputs;
  std::string state;
  // INVALID_ARGUMENT becomes invalid parameters.
  std::function<void(absl::StatusOr<PromptAnswer>)> done = {};
};

class PromptProvider {
 public:
  virtual ~PromptProvider() = default;

  // All prompts in a fixed order. Changes only before a change of
  // ListKind::kPrompts is told (list_changes.h).
  virtual const std::vector<PromptDefinition>& prompts() const = 0;

  // Whether this caller is shown the prompt.
  virtual bool Shows(const PromptDefinition& prompt,
                     const RequestContext& context) const {
    return true;
  }

  virtual std::unique_ptr<RunningCall> Get(PromptCall call) = 0;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_PROMPT_PROVIDER_H_

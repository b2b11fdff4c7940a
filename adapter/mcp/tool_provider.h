// The seam between MCP and what its tools do: MCP knows no protobuf and no
// gRPC.
//
// Contract of all providers. All methods are called on the adapter's one thread
// and must not block; `done` is called on that thread too, later or before the
// method returns, exactly once unless the call was cancelled. JSON crosses the
// seam as text that is written once and spliced into the answer, never as a
// tree.
#ifndef HOWDAH_ADAPTER_MCP_TOOL_PROVIDER_H_
#define HOWDAH_ADAPTER_MCP_TOOL_PROVIDER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/mcp/client_input.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/running_call.h"
#include "adapter/mcp/toolsets.h"

namespace howdah::mcp {

struct TaskState;

// One tool as `tools/list` shows it. Every *_json member is valid JSON text.
struct ToolDefinition {
  std::string name;
  std::string title;
  std::string description;
  std::string toolset;
  std::string input_schema_json;
  std::string output_schema_json;  // root type is always "object"
  std::string icons_json;          // array; empty for none
  bool read_only = false;
  bool destructive = true;
  bool idempotent = false;
  bool open_world = true;
  // What a caller that is limited to scopes must have, by the names of the
  // contract ("howdah:write").
  std::vector<std::string> scopes;
};

// How a call ended. A failed tool is a result with is_error, not a protocol
// error; only an unknown tool or arguments that are no object are the latter.
struct ToolResult {
  bool is_error = false;
  // Readable text, for content[0]; left out if empty and there are blocks.
  std::string text;
  // JSON object for structuredContent; empty for none.
  std::string structured_json;
  // Further content, each a JSON object of type image, audio, resource_link or
  // resource.
  std::vector<std::string> blocks_json;
  // Set if the call cannot go on without the client; it will be made again with
  // the answers. Everything above is then ignored.
  std::optional<InputRequired> input_required;
  // Set if the work goes on as a task; only where ToolCall::may_become_task.
  std::shared_ptr<const TaskState> task;
  // Set if the work can only be done as a task and may not become one. Clients
  // without tasks are told so.
  bool needs_task = false;
};

// Progress of a running call; `progress` grows.
struct ToolProgress {
  double progress = 0;
  double total = 100;
  std::string message;
};

struct ToolCall {
  std::string name;
  // JSON text of the arguments object; "{}" if none were given. Valid until
  // CallTool returns.
  absl::string_view arguments_json;
  RequestContext context;
  // If the call was made before and asked for input: the answers, and the state
  // it gave.
  InputResponses inputs;
  std::string state;
  // Whether the result may be a task.
  bool may_become_task = false;
  // Called only when the client asked for progress; may be empty.
  std::function<void(const ToolProgress&)> on_progress = {};
  // Takes a log message, JSON of any type; empty where none can be sent. Levels
  // below context.log_level are dropped.
  std::function<void(LogLevel, absl::string_view)> log = {};
  // Lets go of the client's connection while the work goes on; it comes back
  // for the answer where it can.
  std::function<void()> release = {};
  std::function<void(ToolResult)> done = {};
};

class ToolProvider {
 public:
  virtual ~ToolProvider() = default;

  // All tools in a fixed order. Changes only before a change of
  // ListKind::kTools is told (list_changes.h).
  virtual const std::vector<ToolDefinition>& tools() const = 0;

  // Whether this caller is shown the tool. Hiding is no protection: CallTool
  // decides for itself.
  virtual bool Shows(const ToolDefinition& tool,
                     const RequestContext& context) const {
    return (tool.read_only || !context.read_only) &&
           AllowsToolset(context.toolsets, tool.toolset) &&
           LacksScope(tool, context).empty();
  }

  // The first scope that the tool needs and the caller does not have.
  static absl::string_view LacksScope(const ToolDefinition& tool,
                                      const RequestContext& context) {
    if (context.principal == nullptr) return {};
    for (const std::string& scope : tool.scopes) {
      if (!context.principal->Has(scope)) return scope;
    }
    return {};
  }

  // Whether the tool exists.
  virtual bool Has(absl::string_view name) const = 0;

  virtual std::unique_ptr<RunningCall> CallTool(ToolCall call) = 0;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TOOL_PROVIDER_H_

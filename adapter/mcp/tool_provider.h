// The seam between MCP and what its tools do: MCP knows no protobuf and no
// gRPC.
//
// Contract. All methods are called on the adapter's one thread and must not
// block; `done` is called on that thread too, later or before CallTool returns,
// exactly once unless the call was cancelled. JSON crosses the seam as text
// that is written once and spliced into the answer, never as a tree.
#ifndef HOWDAH_ADAPTER_MCP_TOOL_PROVIDER_H_
#define HOWDAH_ADAPTER_MCP_TOOL_PROVIDER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::mcp {

// One tool as `tools/list` shows it. Every *_json member is valid JSON text.
struct ToolDefinition {
  std::string name;
  std::string title;
  std::string description;
  std::string toolset;
  std::string input_schema_json;
  std::string output_schema_json;  // root type is always "object"
  bool read_only = false;
  bool destructive = true;
  bool idempotent = false;
  bool open_world = true;
};

// How a call ended. A failed tool is a result with is_error, not a protocol
// error; only an unknown tool or arguments that are no object are the latter.
struct ToolResult {
  bool is_error = false;
  // Readable text, for content[0].
  std::string text;
  // JSON object for structuredContent; empty for none.
  std::string structured_json;
};

// Progress of a running call; `progress` grows.
struct ToolProgress {
  double progress = 0;
  double total = 100;
  std::string message;
};

struct ToolCall {
  std::string name;
  // JSON text of the arguments object; "{}" if none were given.
  absl::string_view arguments_json;
  // Bearer token of the caller, empty if none; forwarded to the backend only.
  std::string bearer_token;
  // W3C traceparent, empty if none.
  std::string traceparent;
  bool read_only = false;
  // Called only when the client asked for progress; may be empty.
  std::function<void(const ToolProgress&)> on_progress;
  std::function<void(ToolResult)> done;
};

// A call under way. Destroying it does not cancel.
class RunningCall {
 public:
  virtual ~RunningCall() = default;
  // Ends the call; `done` is not called any more. The backend's handler sees
  // the cancellation.
  virtual void Cancel() = 0;
};

class ToolProvider {
 public:
  virtual ~ToolProvider() = default;

  // All tools in a fixed order. Lives as long as the provider.
  virtual const std::vector<ToolDefinition>& tools() const = 0;

  // Whether the tool exists.
  virtual bool Has(absl::string_view name) const = 0;

  virtual std::unique_ptr<RunningCall> CallTool(ToolCall call) = 0;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TOOL_PROVIDER_H_

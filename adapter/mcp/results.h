// Writes results the way of the era they are for. Members end with a comma; the
// last one becomes the closing brace.
//
//   std::string out = results.Begin(call.id, call.version);
//   out += R"("completion":{"values":["a"]},)";
//   EndResult(out);
//     legacy: {"jsonrpc":"2.0","id":1,"result":{"completion":{..}}}
//     modern: {..,"result":{"resultType":"complete","_meta":{..},
//              "completion":{..}}}
#ifndef HOWDAH_ADAPTER_MCP_RESULTS_H_
#define HOWDAH_ADAPTER_MCP_RESULTS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/mcp/client_input.h"
#include "adapter/mcp/list_page.h"
#include "adapter/mcp/protocol.h"
#include "adapter/mcp/server_info.h"
#include "adapter/mcp/task_provider.h"
#include "adapter/mcp/tool_provider.h"

namespace howdah::mcp {

// The values of resultType.
inline constexpr char kComplete[] = "complete";
inline constexpr char kInputRequired[] = "input_required";
inline constexpr char kTask[] = "task";

// Threads: any; it never changes.
class Results {
 public:
  explicit Results(const ServerInfo& info);

  // Up to the first member of the result. `extra` bytes are reserved.
  std::string Begin(absl::string_view id, ProtocolVersion version,
                    std::size_t extra = 0,
                    absl::string_view type = kComplete) const;

  // The same without the message around it. `meta` is a further member of
  // _meta.
  void BeginObject(std::string& out, ProtocolVersion version,
                   absl::string_view type = kComplete,
                   absl::string_view meta = {}) const;

  // A result that says nothing more.
  std::string Empty(absl::string_view id, ProtocolVersion version) const;

 private:
  // "_meta":{... without the closing brace.
  std::string meta_;
};

// Closes the result and the message.
void EndResult(std::string& out);
// Closes what BeginObject began, or any other object.
void EndObject(std::string& out);

// "ttlMs":..,"cacheScope":".."; nothing in the legacy era.
void AppendCacheHint(std::string& out, const CacheHint& hint,
                     ProtocolVersion version);

// "name":"value", unless the value is empty.
void AppendText(std::string& out, absl::string_view name,
                absl::string_view value);
// The same of JSON text.
void AppendJson(std::string& out, absl::string_view name,
                absl::string_view json);

// "content":[..],"structuredContent":..,"isError":..
void AppendToolResult(std::string& out, const ToolResult& result,
                      ProtocolVersion version);

// "inputRequests":{..},
void AppendInputRequests(std::string& out,
                         const std::vector<InputRequest>& requests);

// "taskId":..,"status":.. up to "pollIntervalMs".
void AppendTask(std::string& out, absl::string_view task_id,
                const TaskState& task);
// What tasks/get says besides.
void AppendTaskDetail(std::string& out, const TaskState& task);

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_RESULTS_H_

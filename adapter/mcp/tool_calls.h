// The calls under way: starts them, passes their progress and their end on, and
// cancels them.
#ifndef HOWDAH_ADAPTER_MCP_TOOL_CALLS_H_
#define HOWDAH_ADAPTER_MCP_TOOL_CALLS_H_

#include <list>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "adapter/mcp/answer.h"
#include "adapter/mcp/protocol.h"
#include "adapter/mcp/session.h"
#include "adapter/mcp/tool_provider.h"

namespace howdah::mcp {

// One tools/call under way.
struct Call {
  Session* session = nullptr;
  AnswerSlot slot;
  ProtocolVersion version = kLatestLegacyVersion;
  std::string id;  // raw JSON text
  // Raw JSON text; empty if no progress was asked for.
  std::string progress_token;
  double last_progress = 0;
  bool any_progress = false;
  bool starting = false;
  std::unique_ptr<RunningCall> running;
  std::list<Call>::iterator self;
};

// What to start; views need to live only during Start.
struct CallRequest {
  Session* session;
  AnswerSlot slot;
  ProtocolVersion version;
  absl::string_view id;
  absl::string_view progress_token;
};

// Threads: one.
// Owns: the calls and their RunningCall. The provider and the sessions must
// outlive it or be ended first.
class ToolCalls {
 public:
  // `modern_start` is how a modern result begins.
  ToolCalls(ToolProvider& provider, std::string modern_start);
  ~ToolCalls();

  // False if the session has a call with this id already. Fills in the
  // callbacks of `tool_call`.
  bool Start(const CallRequest& request, ToolCall tool_call);

  // Ends the call without an answer.
  void Cancel(Call& call);

  // See Server::Abandon and Server::End.
  void Abandon(transports::Exchange& exchange, bool cancel);
  void End(Session& session);

  std::size_t running() const { return running_.size(); }

 private:
  void OnProgress(Call& call, const ToolProgress& progress);
  void OnDone(Call& call, const ToolResult& result);
  void Retire(Call& call);
  void Sweep();

  ToolProvider& provider_;
  const std::string modern_start_;
  std::list<Call> running_;
  // Ended, but the provider may still be on the stack: swept at the next start.
  std::list<Call> ended_;
  std::list<Call> free_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TOOL_CALLS_H_

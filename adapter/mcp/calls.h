// The requests under way: whom they answer, how far they are, and how they end.
//
//   Call* call = calls.Begin(request);
//   if (call == nullptr) return;               // refused already
//   calls.Run(*call, [&] {
//     return provider.Read(uri, context, [=](auto reading) {
//       calls.Answer(*call, body);             // now or later
//     });
//   });
#ifndef HOWDAH_ADAPTER_MCP_CALLS_H_
#define HOWDAH_ADAPTER_MCP_CALLS_H_

#include <list>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/answer.h"
#include "adapter/mcp/protocol.h"
#include "adapter/mcp/request.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/running_call.h"
#include "adapter/mcp/session.h"

namespace howdah::mcp {

// What is needed to make the same call of a provider once more.
struct Repetition {
  std::string name;
  std::string arguments_json;
  RequestContext context;
  int rounds = 0;
};

// One request under way.
struct Call {
  Session* session = nullptr;
  AnswerSlot slot;
  ProtocolVersion version = kLatestLegacyVersion;
  std::shared_ptr<const Principal> principal;
  std::string id;  // raw JSON text
  // Raw JSON text; empty if no progress was asked for.
  std::string progress_token;
  double last_progress = 0;
  bool any_progress = false;
  std::unique_ptr<RunningCall> running;
  // Methods of providers on the stack that began work for this call.
  int entered = 0;
  // Counts what the call has waited for, to tell what has been overtaken.
  int turn = 0;
  bool cancelled = false;
  // Only where the client can be asked for input.
  std::unique_ptr<Repetition> repetition;
  std::list<Call>::iterator self;
};

// Threads: one.
// Owns: the calls and their RunningCall. The sessions must outlive it or be
// ended first.
class Calls {
 public:
  Calls() = default;
  ~Calls() { CancelAll(); }
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  // Null if the session has a call with this id already, which is refused.
  Call* Begin(const Request& request);

  // Lets a provider begin: `start` gives what runs. By its end the call may
  // have ended already, or wait for something else.
  void Run(Call& call, absl::FunctionRef<std::unique_ptr<RunningCall>()> start);

  // The call goes on with this; what ran before has ended.
  void Wait(Call& call, std::unique_ptr<RunningCall> running);

  // Sends a message ahead of the answer.
  void Send(Call& call, std::string message);

  // Whether anybody waits for the answer.
  static bool Wanted(const Call& call) { return call.slot.exchange != nullptr; }

  // Gives the answer, a whole message, which ends the call.
  void Answer(Call& call, std::string body, int status = kHttpOk);
  void Fail(Call& call, const jsonrpc::Error& error, int status = kHttpOk);

  // Ends the call without an answer.
  void Cancel(Call& call);

  // See RunningCall::WrapUp.
  void WrapUpAll();

  // Providers hear of it; nobody is answered.
  void CancelAll();

  // See Server::Abandon and Server::End.
  void Abandon(transports::Exchange& exchange, bool cancel);
  void End(Session& session);

  std::size_t running() const { return running_.size(); }

 private:
  void Retire(Call& call);
  void Sweep();

  std::list<Call> running_;
  // Ended, but the provider may still be on the stack: swept at the next start.
  std::list<Call> ended_;
  // Kept for reuse, with the memory of their strings.
  std::list<Call> free_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_CALLS_H_

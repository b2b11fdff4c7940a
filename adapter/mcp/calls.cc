#include "adapter/mcp/calls.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/writer.h"

namespace howdah::mcp {
namespace {

// Calls kept for reuse.
constexpr std::size_t kKeptCalls = 64;

}  // namespace

void Calls::CancelAll() {
  for (Call& call : running_) {
    if (call.running != nullptr) call.running->Cancel();
  }
  ended_.splice(ended_.begin(), running_);
}

void Calls::WrapUpAll() {
  std::vector<Call*> all;
  for (Call& call : running_) all.push_back(&call);
  // One that has ended meanwhile is kept until the next begins.
  for (Call* call : all) {
    if (call->running != nullptr) call->running->WrapUp();
  }
}

Call* Calls::Begin(const Request& request) {
  Sweep();
  if (free_.empty()) free_.emplace_back();
  Call& call = free_.front();
  const absl::string_view id = request.message.id;
  if (!request.arrival.session->Add(id, &call)) {
    Refuse(request,
           jsonrpc::InvalidRequest(absl::StrCat(
               "A call with id ", id.substr(0, 64),
               " is still under way; give each request an id of its own.")));
    return nullptr;
  }
  call.self = free_.begin();
  running_.splice(running_.begin(), free_, call.self);
  call.session = request.arrival.session;
  call.slot = request.slot;
  call.version = request.context.version;
  call.principal = request.context.principal;
  call.id.assign(id.data(), id.size());
  call.progress_token.clear();
  call.any_progress = false;
  call.cancelled = false;
  return &call;
}

void Calls::Run(Call& call,
                absl::FunctionRef<std::unique_ptr<RunningCall>()> start) {
  const int turn = ++call.turn;
  ++call.entered;
  std::unique_ptr<RunningCall> running = start();
  --call.entered;
  if (call.turn == turn) {
    call.running.swap(running);
  } else if (call.cancelled && running != nullptr) {
    running->Cancel();
  }
}

void Calls::Wait(Call& call, std::unique_ptr<RunningCall> running) {
  ++call.turn;
  call.running.swap(running);
}

void Calls::Send(Call& call, std::string message) {
  if (Wanted(call)) call.slot.exchange->Send(std::move(message));
}

void Calls::Answer(Call& call, std::string body, int status) {
  AnswerSlot slot = call.slot;
  Retire(call);
  slot.Deliver(status, std::move(body));
}

void Calls::Fail(Call& call, const jsonrpc::Error& error, int status) {
  Answer(call, jsonrpc::ErrorMessage(call.id, error), status);
}

void Calls::Cancel(Call& call) {
  AnswerSlot slot = call.slot;
  call.cancelled = true;
  if (call.running != nullptr) call.running->Cancel();
  Retire(call);
  slot.Deliver(kHttpAccepted, {});
}

void Calls::Abandon(transports::Exchange& exchange, bool cancel) {
  std::vector<Call*> ending;
  for (Call& call : running_) {
    if (call.slot.exchange != &exchange) continue;
    call.slot.Drop();
    if (cancel || IsModern(call.version)) ending.push_back(&call);
  }
  for (Call* call : ending) Cancel(*call);
}

void Calls::End(Session& session) {
  std::vector<Call*> ending;
  for (Call& call : running_) {
    if (call.session == &session) ending.push_back(&call);
  }
  for (Call* call : ending) Cancel(*call);
}

void Calls::Retire(Call& call) {
  ++call.turn;
  call.session->Remove(call.id);
  call.session = nullptr;
  call.slot = {};
  ended_.splice(ended_.begin(), running_, call.self);
}

void Calls::Sweep() {
  for (auto it = ended_.begin(); it != ended_.end();) {
    auto next = std::next(it);
    if (it->entered == 0) {
      it->running.reset();
      it->repetition.reset();
      it->principal.reset();
      free_.splice(free_.begin(), ended_, it);
    }
    it = next;
  }
  while (free_.size() > kKeptCalls) free_.pop_back();
}

}  // namespace howdah::mcp

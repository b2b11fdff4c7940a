#include "backend/server/call_chain.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/observability/log.h"
#include "backend/server/contract_deadline.h"
#include "backend/server/outgoing_status.h"
#include "proto/support/enum_names.h"
#include "proto/support/redaction.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"
#include "proto/support/trace_context.h"

namespace howdah::server {
namespace {

using support::ErrorBuilder;

constexpr absl::Duration kRetryWhenBusy = absl::Milliseconds(500);
constexpr absl::Duration kRetryWhenDraining = absl::Milliseconds(100);

absl::Status QueueFull() {
  return ErrorBuilder(absl::StatusCode::kResourceExhausted, "SERVER_BUSY",
                      support::kHowdahDomain)
      .Message("The server has as much work as it can take; try again soon.")
      .RetryAfter(kRetryWhenBusy)
      .Build();
}

absl::Status Draining() {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "SERVER_DRAINING",
                      support::kHowdahDomain)
      .Message("This server is about to end; ask again, and another answers.")
      .RetryAfter(kRetryWhenDraining)
      .Build();
}

absl::Status BadRequestBytes(const Method& method) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST",
                      support::kHowdahDomain)
      .Message(absl::StrCat("The request is not a ",
                            method.descriptor->input_type()->full_name(),
                            " message in protobuf encoding, or a string in "
                            "it is not UTF-8."))
      .Build();
}

absl::Status Failed(absl::string_view reason) {
  return ErrorBuilder(absl::StatusCode::kInternal, reason,
                      support::kHowdahDomain)
      .Message("The server failed while it served this call.")
      .Build();
}

absl::Status DeadlineIsOver(const Method& method) {
  const bool read = method.facts.effect() == mcp::v1::EFFECT_READ;
  return ErrorBuilder(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                      support::kHowdahDomain)
      .Message(read ? "The call did not end in time; try again, or ask for "
                      "less."
                    : "The call did not end in time, and what it does may "
                      "still happen; look before you repeat it.")
      .Build();
}

bool IsDryRun(const Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("dry_run");
  return field != nullptr &&
         field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_BOOL &&
         request.GetReflection()->GetBool(request, field);
}

// Calls `function`; what it throws is logged and becomes INTERNAL.
template <typename Function>
absl::Status Guarded(const std::string& method, const std::string& trace_id,
                     Function function) {
  std::string what;
  try {
    function();
    return absl::OkStatus();
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
    what = "not a std::exception";
  }
  constexpr size_t kLongestWhat = 300;
  observability::Log(observability::LogLevel::kError, "exception left a method",
                     {{"method", method},
                      {"what", what.substr(0, kLongestWhat)},
                      {"trace_id", trace_id}});
  return Failed("INTERNAL");
}

template <typename Function>
absl::Status Guarded(const Call& call, Function function) {
  return Guarded(call.method().path, call.context.trace.id, function);
}

// Who is still able to answer a call. When the last of them is gone without an
// answer, the caller gets an error instead of waiting for ever.
class Promise {
 public:
  Promise(CallChain& chain, std::shared_ptr<Call> call)
      : chain_(chain), call_(std::move(call)) {}
  ~Promise() { chain_.Answer(*call_, Failed("NO_ANSWER"), nullptr); }
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;

  void Keep(const absl::Status& status, const Message* response) {
    chain_.Answer(*call_, status, response);
  }
  void Send(std::unique_ptr<Message> message) {
    call_->Send(std::move(message));
  }

 private:
  CallChain& chain_;
  const std::shared_ptr<Call> call_;
};

class PromisedStream : public MessageStream {
 public:
  explicit PromisedStream(std::shared_ptr<Promise> promise)
      : promise_(std::move(promise)) {}
  void Send(std::unique_ptr<Message> message) override {
    promise_->Send(std::move(message));
  }
  void Finish(const absl::Status& status) override {
    promise_->Keep(status, nullptr);
  }

 private:
  const std::shared_ptr<Promise> promise_;
};

}  // namespace

void CallChain::Serve(const std::shared_ptr<Call>& call) {
  call->arrived = absl::Now();
  call->context.trace = support::TraceFrom(call->Metadata("traceparent"));
  call->context.cancelled = call->stop.get_token();
  call->context.host = this;
  call->context.notes = &call->notes;
  call->context.deadline = call->ClientDeadline();
  if (call->method().facts.access() == mcp::v1::ACCESS_ANYONE) {
    return Proceed(call, auth::Principal{.name = "anyone"}, Thread::kArrival);
  }
  Authenticate(call);
}

void CallChain::Authenticate(const std::shared_ptr<Call>& call) {
  if (auto known = parts_.authenticator.FromMemory(*call)) {
    return Proceed(call, *std::move(known), Thread::kArrival);
  }
  const bool taken = parts_.executor.TrySubmit([this, call] {
    parts_.authenticator.Authenticate(
        *call, [this, call](absl::StatusOr<auth::Principal> principal) {
          Proceed(call, std::move(principal), Thread::kAny);
        });
  });
  if (!taken) Answer(*call, QueueFull(), nullptr);
}

void CallChain::Proceed(const std::shared_ptr<Call>& call,
                        absl::StatusOr<auth::Principal> principal,
                        Thread thread) {
  if (!principal.ok()) {
    // For the audit trail.
    call->context.principal.name = "unknown";
    return Answer(*call, principal.status(), nullptr);
  }
  call->context.principal = *std::move(principal);
  const absl::Status admitted = Admit(*call);
  if (!admitted.ok()) return Answer(*call, admitted, nullptr);
  // Who reads in its own name may not get what others got.
  const bool shared = call->method().source && thread == Thread::kArrival &&
                      call->context.principal.kubernetes_user.empty();
  if (shared && AnswerAgain(*call)) return;
  const absl::Status read = ReadRequest(*call);
  if (!read.ok()) return Answer(*call, read, nullptr);
  if (call->method().from_memory && AnswerFromMemory(*call, shared)) return;
  if (call->ClientDeadline() == absl::InfiniteFuture()) {
    call->StartTimer(call->context.deadline);
  }
  if (!parts_.executor.TrySubmit([this, call] { Run(call); })) {
    Answer(*call, QueueFull(), nullptr);
  }
}

absl::Status CallChain::Admit(Call& call) {
  const Method& method = call.method();
  CallContext& context = call.context;
  if (absl::EqualsIgnoreCase(call.Metadata("howdah-read-only"), "true")) {
    context.principal.read_only = true;
  }
  RETURN_IF_ERROR(parts_.policy.Authorise(
      context.principal, method.descriptor->name(), method.facts));
  RETURN_IF_ERROR(parts_.toolsets.Authorise(method.descriptor->name(),
                                            method.toolset,
                                            call.Metadata("howdah-toolsets")));
  call.allowed = true;
  return absl::OkStatus();
}

bool CallChain::AnswerAgain(Call& call) {
  const RememberedAnswer* known =
      memory_.Find(call.method_index(), call.RequestBytes());
  if (known == nullptr) return false;
  bool same = false;
  const absl::Status guarded = Guarded(call, [&] {
    same = call.method().source(*known->request) == known->source;
  });
  if (!guarded.ok() || !same) return false;
  call.answered = true;
  Record(call, absl::OkStatus());
  call.FinishWithBytes(known->response);
  return true;
}

absl::Status CallChain::ReadRequest(Call& call) {
  const Method& method = call.method();
  call.request.reset(method.request_prototype->New());
  if (!call.ReadRequest(*call.request)) return BadRequestBytes(method);
  RETURN_IF_ERROR(parts_.validator.Check(*call.request));
  if (call.context.deadline == absl::InfiniteFuture()) {
    call.context.deadline =
        call.arrived + ContractDeadline(method.facts, *call.request);
  }
  return absl::OkStatus();
}

bool CallChain::AnswerFromMemory(Call& call, bool shared) {
  const Method& method = call.method();
  bool answered = false;
  const absl::Status guarded = Guarded(call, [&] {
    // Asked for before the answer is made: should it change between the two,
    // the answer is not given again.
    std::shared_ptr<const void> source;
    if (shared) source = method.source(*call.request);
    answered = method.from_memory(
        call.context, *call.request,
        [&](const absl::Status& status, const Message* response) {
          if (status.ok() && source != nullptr) {
            Remember(call, std::move(source), *response);
          }
          Answer(call, status, response);
        });
  });
  if (!guarded.ok()) Answer(call, guarded, nullptr);
  return answered || !guarded.ok();
}

void CallChain::Remember(const Call& call, std::shared_ptr<const void> source,
                         const Message& response) {
  std::shared_ptr<Message> request(call.request->New());
  request->CopyFrom(*call.request);
  memory_.Keep(
      {std::move(request), std::move(source), response.SerializeAsString()});
}

void CallChain::Run(const std::shared_ptr<Call>& call) {
  if (call->answered) return;
  const Method& method = call->method();
  if (call->stop.stop_requested()) {
    return Answer(*call, absl::CancelledError("The caller has gone."), nullptr);
  }
  const absl::Status guarded = Guarded(*call, [&] {
    if (method.unary) {
      method.unary(call->context, *call->request,
                   [&](const absl::Status& status, const Message* response) {
                     Answer(*call, status, response);
                   });
      return;
    }
    if (method.stream) return RunStream(call);
    auto promise = std::make_shared<Promise>(*this, call);
    method.later(
        call->context, *call->request,
        [promise](const absl::Status& status, const Message* response) {
          promise->Keep(status, response);
        });
  });
  if (!guarded.ok()) Answer(*call, guarded, nullptr);
}

void CallChain::RunStream(const std::shared_ptr<Call>& call) {
  call->method().stream(
      call->context, *call->request,
      std::make_shared<PromisedStream>(std::make_shared<Promise>(*this, call)));
  // The call owns this callback, which must keep it alive while it runs.
  call->on_drain.emplace(draining(), [this, weak = std::weak_ptr<Call>(call)] {
    std::shared_ptr<Call> open = weak.lock();
    if (open == nullptr) return;
    Answer(*open, Draining(), nullptr);
    open->stop.request_stop();
  });
}

void CallChain::Resume(std::function<void()> rest) {
  parts_.executor.Resume([rest = std::move(rest)] {
    // What it throws leaves the call unanswered, which answers INTERNAL.
    Guarded("the rest of a call", "", rest).IgnoreError();
  });
}

void CallChain::DeadlineOver(Call& call) {
  call.stop.request_stop();
  Answer(call, DeadlineIsOver(call.method()), nullptr);
}

void CallChain::Answer(Call& call, const absl::Status& status,
                       const Message* response) {
  if (call.answered.exchange(true)) return;
  if (status.ok()) {
    Record(call, status);
    call.Finish(status, response);
    return;
  }
  // A method that was stopped because its time was over says "cancelled".
  const bool late = status.code() == absl::StatusCode::kCancelled &&
                    absl::Now() >= call.context.deadline;
  const absl::Status outgoing = OutgoingStatus(
      late ? DeadlineIsOver(call.method()) : status, call.context.trace.id);
  Record(call, outgoing);
  call.Finish(outgoing, nullptr);
}

void CallChain::Record(const Call& call, const absl::Status& status) {
  const absl::Duration duration = absl::Now() - call.arrived;
  parts_.metrics.Count(call.method_index(), status.code(), duration);
  const Method& method = call.method();
  const auto notes = call.notes.All();
  if (method.facts.effect() == mcp::v1::EFFECT_READ && notes.empty()) return;
  observability::AuditRecord record;
  record.who = call.context.principal.name;
  record.method = method.descriptor->full_name();
  record.effect =
      support::EnumName(mcp::v1::Effect_descriptor(), method.facts.effect());
  if (call.request != nullptr) {
    record.targets = support::Identifiers(*call.request);
    record.dry_run = IsDryRun(*call.request);
  }
  record.targets.insert(record.targets.end(), notes.begin(), notes.end());
  record.decision = call.allowed ? "allowed" : "denied";
  record.code = absl::StatusCodeToString(status.code());
  record.reason = support::ErrorReason(status);
  record.duration = duration;
  record.trace_id = call.context.trace.id;
  parts_.audit.Record(record);
}

}  // namespace howdah::server

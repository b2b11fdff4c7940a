// A change that is declared, and whose answer waits until the operator has
// acted, without holding a thread.
//
//   absl::StatusOr<Settling<Response>> Begin(...) {     // on the executor
//     ...write the declaration...
//     return Settling<Response>(
//         plane.databases().Awaits(key, since, until, applied),
//         [=](bool held) -> absl::StatusOr<Response> { ... });
//   }
//   Conclude(waiter, context, Begin(context, request), reply);
//
// The last function runs on the executor again and may block.
#ifndef HOWDAH_BACKEND_SERVICES_SETTLING_H_
#define HOWDAH_BACKEND_SERVICES_SETTLING_H_

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/operations/change_waiter.h"
#include "backend/services/call_context.h"
#include "proto/support/status_macros.h"

namespace howdah::services {

// What is waited for; see ChangeWaiter::Request.
struct SettleWait {
  operations::ChangeWaiter::Subscribe subscribe;
  std::function<bool()> look;
  absl::Time deadline = absl::InfiniteFuture();
};

// Threads: none; a value.
template <typename T>
struct Settling {
  // Is told whether what was waited for came about before the deadline.
  using Finish = std::function<absl::StatusOr<T>(bool held)>;

  // There is nothing to wait for. Implicit, so that a function may return it.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Settling(T answer) : answer(std::move(answer)) {}
  Settling(SettleWait wait, Finish finish)
      : wait(std::move(wait)), finish(std::move(finish)) {}

  std::optional<T> answer;
  // Without an answer:
  SettleWait wait;
  Finish finish;
};

// What is made of the result of `first`.
template <typename To, typename From>
absl::StatusOr<Settling<To>> Then(
    absl::StatusOr<Settling<From>> first,
    std::function<absl::StatusOr<To>(From)> next) {
  RETURN_IF_ERROR(first.status());
  if (first->answer.has_value()) {
    ASSIGN_OR_RETURN(To answer, next(*std::move(first->answer)));
    return Settling<To>(std::move(answer));
  }
  return Settling<To>(
      std::move(first->wait),
      [finish = std::move(first->finish),
       next = std::move(next)](bool held) -> absl::StatusOr<To> {
        ASSIGN_OR_RETURN(From result, finish(held));
        return next(std::move(result));
      });
}

// Answers, at once or after the wait. The context lives until then.
template <typename Response>
void Conclude(operations::ChangeWaiter& waiter, const CallContext& context,
              absl::StatusOr<Settling<Response>> begun, Reply<Response> reply) {
  // An answer has to be on its way before the caller's own deadline.
  constexpr absl::Duration kMargin = absl::Milliseconds(500);
  if (!begun.ok()) return reply(begun.status());
  if (begun->answer.has_value()) return reply(*std::move(begun->answer));
  operations::ChangeWaiter::Request wait;
  wait.subscribe = std::move(begun->wait.subscribe);
  wait.look = std::move(begun->wait.look);
  wait.deadline = std::min(begun->wait.deadline, context.deadline - kMargin);
  wait.stop = context.cancelled;
  wait.on_end = [&context, finish = std::move(begun->finish),
                 reply](operations::ChangeWaiter::Ending ending) {
    using Ending = operations::ChangeWaiter::Ending;
    if (ending == Ending::kStopped) {
      return reply(absl::CancelledError("The call was cancelled."));
    }
    context.Resume([finish, reply, held = ending == Ending::kHeld] {
      reply(finish(held));
    });
  };
  absl::Status begun_to_wait = waiter.Wait(std::move(wait));
  if (!begun_to_wait.ok()) reply(begun_to_wait);
}

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_SETTLING_H_

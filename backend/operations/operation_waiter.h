// Waits for conditions, for many callers at once, and tells their progress.
//
//   ChangeWaiter changes({});
//   OperationWaiter waiter(observer, changes);
//   waiter.Wait({.condition = ready, .deadline = now + absl::Minutes(3),
//                .on_progress = [](const Evaluation&) { ... },
//                .on_end = [](Ending, const Evaluation&) { ... }});
//
// Contract. A condition is evaluated when it is added, when the observer tells
// of a change, and never in between: nothing polls. `on_progress` is called
// with progress that never decreases, only when something is new; then `on_end`
// is called exactly once. Both run on the ChangeWaiter's thread and must not
// block.
#ifndef HOWDAH_BACKEND_OPERATIONS_OPERATION_WAITER_H_
#define HOWDAH_BACKEND_OPERATIONS_OPERATION_WAITER_H_

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/operations/change_waiter.h"
#include "backend/operations/condition.h"

namespace howdah::operations {

// What the waiter needs of the world.
class Observer {
 public:
  virtual ~Observer() = default;

  // What is seen now, from memory. UNAVAILABLE while nothing is known yet,
  // which goes on waiting; any other error ends the wait.
  virtual absl::StatusOr<Observed> Observe(const Condition& condition) = 0;

  // Calls `on_change` whenever what the condition is about may have changed,
  // from any thread, until the handle is gone; then it does not run any more.
  virtual absl::StatusOr<std::shared_ptr<void>> Subscribe(
      const Condition& condition, std::function<void()> on_change) = 0;
};

enum class Ending {
  // The condition holds, or can no longer hold (see Evaluation::error).
  kDone,
  kTimedOut,
  // By CancelOperation.
  kCancelled,
  // The program is about to end; another replica may go on waiting.
  kInterrupted,
  // The caller has gone, or the program ends.
  kAbandoned,
};

struct WaitRequest {
  Condition condition;
  absl::Time deadline = absl::InfiniteFuture();
  std::stop_token cancelled;
  std::stop_token interrupted;
  // May be empty.
  std::function<void(const Evaluation&)> on_progress;
  std::function<void(Ending, const Evaluation&)> on_end;
};

// Threads: safe. Owns: nothing; `waiter` holds the waits, and whoever is to
// outlive them has to outlive it.
class OperationWaiter {
 public:
  // The observer must outlive `waiter`, which must outlive this.
  OperationWaiter(Observer& observer, ChangeWaiter& waiter);
  OperationWaiter(const OperationWaiter&) = delete;
  OperationWaiter& operator=(const OperationWaiter&) = delete;

  // Never blocks. Fails, without any callback, if the observer cannot watch.
  absl::Status Wait(WaitRequest request);

  // Ends the waits for this condition; returns how many.
  int Cancel(const Condition& condition);

 private:
  struct Following;

  Observer& observer_;
  ChangeWaiter& waiter_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Following>> all_;
};

}  // namespace howdah::operations

#endif  // HOWDAH_BACKEND_OPERATIONS_OPERATION_WAITER_H_

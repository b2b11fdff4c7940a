// Waits until changes bring about what is waited for, for many callers at
// once, on one thread.
//
//   ChangeWaiter waiter({});
//   waiter.Wait({.subscribe = [&](auto on_change) { return
//   cache.Subscribe(...);
//                },
//                .look = [&] { return cache.Get()->Has(key); },
//                .deadline = now + absl::Seconds(10),
//                .on_end = [](ChangeWaiter::Ending) { ... }});
//
// Contract. `look` is called when the wait is added and after each change, and
// never in between: nothing polls. When it returns true, the time is over or
// the wait is stopped, `on_end` is called exactly once. Both run on the
// waiter's thread and must not block.
#ifndef HOWDAH_BACKEND_OPERATIONS_CHANGE_WAITER_H_
#define HOWDAH_BACKEND_OPERATIONS_CHANGE_WAITER_H_

#include <functional>
#include <memory>
#include <stop_token>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace howdah::operations {

// Threads: safe. Owns: one thread, begun at the first wait. The destructor ends
// all waits as kStopped.
class ChangeWaiter {
 public:
  enum class Ending { kHeld, kTimedOut, kStopped };

  // Calls `on_change` from any thread until the handle is gone; then it does
  // not run any more.
  using Subscribe = std::function<absl::StatusOr<std::shared_ptr<void>>(
      std::function<void()> on_change)>;

  struct Request {
    Subscribe subscribe;
    std::function<bool()> look;
    absl::Time deadline = absl::InfiniteFuture();
    std::stop_token stop = {};
    std::function<void(Ending)> on_end;
  };

  struct Options {
    std::function<absl::Time()> now = &absl::Now;
    // Without it, tests drive the waiter by RunOnce.
    bool start_thread = true;
  };

  explicit ChangeWaiter(Options options);
  ~ChangeWaiter();
  ChangeWaiter(const ChangeWaiter&) = delete;
  ChangeWaiter& operator=(const ChangeWaiter&) = delete;

  // Never blocks. Fails, without any callback, if the subscription does.
  absl::Status Wait(Request request);

  // Looks at all that needs it, once.
  void RunOnce();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::operations

#endif  // HOWDAH_BACKEND_OPERATIONS_CHANGE_WAITER_H_

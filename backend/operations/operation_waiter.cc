#include "backend/operations/operation_waiter.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "proto/support/status_macros.h"

namespace howdah::operations {

// One wait. `last` and `told` belong to the ChangeWaiter's thread.
struct OperationWaiter::Following {
  WaitRequest request;
  // Makes the waiter look again.
  std::function<void()> look_again;
  std::atomic<bool> cancelled = false;
  std::atomic<bool> interrupted = false;
  std::optional<std::stop_callback<std::function<void()>>> on_interrupt;

  Evaluation last;
  bool told = false;

  // True when there is nothing more to wait for.
  bool Look(Observer& observer);
  void Tell(Evaluation now);
  void End(ChangeWaiter::Ending ending);
};

void OperationWaiter::Following::Tell(Evaluation now) {
  now.progress_percent = std::max(now.progress_percent, last.progress_percent);
  bool news = !told || now.progress_percent != last.progress_percent ||
              now.message != last.message;
  last = std::move(now);
  told = true;
  if (news && !last.done && request.on_progress) request.on_progress(last);
}

bool OperationWaiter::Following::Look(Observer& observer) {
  absl::StatusOr<Observed> observed = observer.Observe(request.condition);
  if (observed.ok()) {
    Tell(Evaluate(request.condition, *observed));
  } else if (!absl::IsUnavailable(observed.status())) {
    last.done = true;
    last.message = std::string(observed.status().message());
    last.error = observed.status();
  }
  return last.done || cancelled || interrupted;
}

void OperationWaiter::Following::End(ChangeWaiter::Ending ending) {
  auto reason = [&] {
    if (last.done) return Ending::kDone;
    if (cancelled) return Ending::kCancelled;
    if (ending == ChangeWaiter::Ending::kStopped) return Ending::kAbandoned;
    return interrupted ? Ending::kInterrupted : Ending::kTimedOut;
  };
  request.on_end(reason(), last);
}

OperationWaiter::OperationWaiter(Observer& observer, ChangeWaiter& waiter)
    : observer_(observer), waiter_(waiter) {}

absl::Status OperationWaiter::Wait(WaitRequest request) {
  auto following = std::make_shared<Following>();
  following->request = std::move(request);
  ChangeWaiter::Request wait;
  wait.subscribe = [following, &observer = observer_](
                       const std::function<void()>& on_change) {
    following->look_again = on_change;
    return observer.Subscribe(following->request.condition, on_change);
  };
  wait.look = [following, &observer = observer_] {
    return following->Look(observer);
  };
  wait.deadline = following->request.deadline;
  wait.stop = following->request.cancelled;
  wait.on_end = [following](ChangeWaiter::Ending ending) {
    following->End(ending);
  };
  RETURN_IF_ERROR(waiter_.Wait(std::move(wait)));
  following->on_interrupt.emplace(following->request.interrupted,
                                  [waiting = following.get()] {
                                    waiting->interrupted = true;
                                    waiting->look_again();
                                  });
  std::lock_guard lock(mutex_);
  std::erase_if(all_, [](const auto& other) { return other.expired(); });
  all_.push_back(following);
  return absl::OkStatus();
}

int OperationWaiter::Cancel(const Condition& condition) {
  std::vector<std::shared_ptr<Following>> found;
  {
    std::lock_guard lock(mutex_);
    for (const std::weak_ptr<Following>& one : all_) {
      std::shared_ptr<Following> following = one.lock();
      if (following != nullptr && following->request.condition == condition) {
        found.push_back(std::move(following));
      }
    }
  }
  for (const std::shared_ptr<Following>& following : found) {
    following->cancelled = true;
    following->look_again();
  }
  return static_cast<int>(found.size());
}

}  // namespace howdah::operations

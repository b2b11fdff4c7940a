#include "backend/operations/operation_waiter.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "proto/support/status_macros.h"

namespace howdah::operations {
namespace {

// One wait. The fields below `changed` belong to the thread that runs RunOnce.
struct Waiting {
  WaitRequest request;
  std::shared_ptr<void> subscription;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  // Shared with the subscription's callback, which must not own the wait: the
  // last owner of a wait must not be a callback of its own subscription.
  std::shared_ptr<std::atomic<bool>> changed =
      std::make_shared<std::atomic<bool>>(true);
  // Under the mutex.
  bool cancelled = false;

  Evaluation last;
  bool told = false;
};

}  // namespace

struct OperationWaiter::Impl {
  Impl(Observer& observer, Options options)
      : observer(observer), options(std::move(options)) {}

  void Wake() {
    std::lock_guard lock(mutex);
    dirty = true;
    wake.notify_one();
  }

  void Loop(std::stop_token stop);
  void RunOnce();
  // Moves one wait on; true when it has ended.
  bool Step(Waiting& waiting, bool changed, bool cancelled);
  void Tell(Waiting& waiting, Evaluation now);
  absl::Time NextDeadline() const;

  Observer& observer;
  const Options options;

  // Serialises RunOnce.
  std::mutex run_mutex;

  std::mutex mutex;
  std::condition_variable_any wake;
  bool dirty = false;
  std::vector<std::shared_ptr<Waiting>> waits;
  std::jthread thread;
};

void OperationWaiter::Impl::Tell(Waiting& waiting, Evaluation now) {
  now.progress_percent =
      std::max(now.progress_percent, waiting.last.progress_percent);
  bool news = !waiting.told ||
              now.progress_percent != waiting.last.progress_percent ||
              now.message != waiting.last.message;
  waiting.last = std::move(now);
  waiting.told = true;
  if (news && !waiting.last.done && waiting.request.on_progress) {
    waiting.request.on_progress(waiting.last);
  }
}

bool OperationWaiter::Impl::Step(Waiting& waiting, bool changed,
                                 bool cancelled) {
  auto end = [&](Ending ending) {
    waiting.request.on_end(ending, waiting.last);
    return true;
  };
  if (changed) {
    absl::StatusOr<Observed> observed =
        observer.Observe(waiting.request.condition);
    if (observed.ok()) {
      Tell(waiting, Evaluate(waiting.request.condition, *observed));
    }
  }
  if (waiting.last.done) return end(Ending::kDone);
  if (cancelled) return end(Ending::kCancelled);
  if (waiting.request.cancelled.stop_requested()) {
    return end(Ending::kAbandoned);
  }
  if (waiting.request.deadline <= options.now()) return end(Ending::kTimedOut);
  return false;
}

void OperationWaiter::Impl::RunOnce() {
  std::lock_guard run_lock(run_mutex);
  struct Todo {
    std::shared_ptr<Waiting> waiting;
    bool changed;
    bool cancelled;
  };
  std::vector<Todo> todo;
  {
    std::lock_guard lock(mutex);
    dirty = false;
    for (const std::shared_ptr<Waiting>& waiting : waits) {
      todo.push_back(
          {waiting, waiting->changed->exchange(false), waiting->cancelled});
    }
  }
  std::vector<std::shared_ptr<Waiting>> ended;
  for (const Todo& item : todo) {
    if (Step(*item.waiting, item.changed, item.cancelled)) {
      ended.push_back(item.waiting);
    }
  }
  std::lock_guard lock(mutex);
  std::erase_if(waits, [&](const std::shared_ptr<Waiting>& waiting) {
    return std::find(ended.begin(), ended.end(), waiting) != ended.end();
  });
  // `ended` lets go of its subscriptions after the lock: see the declaration
  // order.
}

absl::Time OperationWaiter::Impl::NextDeadline() const {
  absl::Time next = absl::InfiniteFuture();
  for (const std::shared_ptr<Waiting>& waiting : waits) {
    next = std::min(next, waiting->request.deadline);
  }
  return next;
}

void OperationWaiter::Impl::Loop(std::stop_token stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex);
      absl::Time next = NextDeadline();
      auto ready = [&] { return dirty; };
      if (next == absl::InfiniteFuture()) {
        wake.wait(lock, stop, ready);
      } else {
        absl::Duration left = next - options.now();
        wake.wait_for(
            lock, stop,
            absl::ToChronoMilliseconds(left) + std::chrono::milliseconds(1),
            ready);
      }
    }
    if (!stop.stop_requested()) RunOnce();
  }
}

OperationWaiter::OperationWaiter(Observer& observer, Options options)
    : impl_(std::make_unique<Impl>(observer, std::move(options))) {}

OperationWaiter::~OperationWaiter() {
  if (impl_->thread.joinable()) {
    impl_->thread.request_stop();
    impl_->thread.join();
  }
  std::vector<std::shared_ptr<Waiting>> left;
  {
    std::lock_guard lock(impl_->mutex);
    left.swap(impl_->waits);
  }
  for (const std::shared_ptr<Waiting>& waiting : left) {
    waiting->on_stop.reset();
    waiting->subscription.reset();
    waiting->request.on_end(Ending::kAbandoned, waiting->last);
  }
}

absl::Status OperationWaiter::Wait(WaitRequest request) {
  auto waiting = std::make_shared<Waiting>();
  waiting->request = std::move(request);
  auto mark = [impl = impl_.get(), changed = waiting->changed] {
    changed->store(true);
    impl->Wake();
  };
  ASSIGN_OR_RETURN(waiting->subscription,
                   impl_->observer.Subscribe(waiting->request.condition, mark));
  {
    std::lock_guard lock(impl_->mutex);
    impl_->waits.push_back(waiting);
    impl_->dirty = true;
    if (impl_->options.start_thread && !impl_->thread.joinable()) {
      impl_->thread = std::jthread(
          [impl = impl_.get()](std::stop_token stop) { impl->Loop(stop); });
    }
    impl_->wake.notify_one();
  }
  waiting->on_stop.emplace(waiting->request.cancelled,
                           [impl = impl_.get()] { impl->Wake(); });
  return absl::OkStatus();
}

int OperationWaiter::Cancel(const Condition& condition) {
  std::lock_guard lock(impl_->mutex);
  int count = 0;
  for (const std::shared_ptr<Waiting>& waiting : impl_->waits) {
    if (!(waiting->request.condition == condition)) continue;
    waiting->cancelled = true;
    ++count;
  }
  impl_->dirty = true;
  impl_->wake.notify_one();
  return count;
}

void OperationWaiter::RunOnce() { impl_->RunOnce(); }

}  // namespace howdah::operations

#include "backend/operations/change_waiter.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "proto/support/status_macros.h"

namespace howdah::operations {
namespace {

struct Waiting {
  ChangeWaiter::Request request;
  std::shared_ptr<void> subscription;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  // Shared with the subscription's callback, which must not own the wait: the
  // last owner of a wait must not be a callback of its own subscription.
  std::shared_ptr<std::atomic<bool>> changed =
      std::make_shared<std::atomic<bool>>(true);
};

}  // namespace

struct ChangeWaiter::Impl {
  explicit Impl(Options options) : options(std::move(options)) {}

  void Wake() {
    std::lock_guard lock(mutex);
    dirty = true;
    wake.notify_one();
  }

  void Loop(std::stop_token stop);
  void RunOnce();
  // Moves one wait on; true when it has ended.
  bool Step(Waiting& waiting) const;
  absl::Time NextDeadline() const;

  const Options options;

  // Serialises RunOnce.
  std::mutex run_mutex;

  std::mutex mutex;
  std::condition_variable_any wake;
  bool dirty = false;
  std::vector<std::shared_ptr<Waiting>> waits;
  std::jthread thread;
};

bool ChangeWaiter::Impl::Step(Waiting& waiting) const {
  const Request& request = waiting.request;
  auto end = [&](Ending ending) {
    request.on_end(ending);
    return true;
  };
  if (waiting.changed->exchange(false) && request.look()) {
    return end(Ending::kHeld);
  }
  if (request.stop.stop_requested()) return end(Ending::kStopped);
  if (request.deadline <= options.now()) return end(Ending::kTimedOut);
  return false;
}

void ChangeWaiter::Impl::RunOnce() {
  std::lock_guard run_lock(run_mutex);
  std::vector<std::shared_ptr<Waiting>> todo;
  {
    std::lock_guard lock(mutex);
    dirty = false;
    todo = waits;
  }
  std::vector<std::shared_ptr<Waiting>> ended;
  for (const std::shared_ptr<Waiting>& waiting : todo) {
    if (Step(*waiting)) ended.push_back(waiting);
  }
  std::lock_guard lock(mutex);
  std::erase_if(waits, [&](const std::shared_ptr<Waiting>& waiting) {
    return std::find(ended.begin(), ended.end(), waiting) != ended.end();
  });
  // `ended` lets go of its subscriptions after the lock: see the declaration
  // order.
}

absl::Time ChangeWaiter::Impl::NextDeadline() const {
  absl::Time next = absl::InfiniteFuture();
  for (const std::shared_ptr<Waiting>& waiting : waits) {
    next = std::min(next, waiting->request.deadline);
  }
  return next;
}

void ChangeWaiter::Impl::Loop(std::stop_token stop) {
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

ChangeWaiter::ChangeWaiter(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

ChangeWaiter::~ChangeWaiter() {
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
    waiting->request.on_end(Ending::kStopped);
  }
}

absl::Status ChangeWaiter::Wait(Request request) {
  auto waiting = std::make_shared<Waiting>();
  waiting->request = std::move(request);
  auto mark = [impl = impl_.get(), changed = waiting->changed] {
    changed->store(true);
    impl->Wake();
  };
  ASSIGN_OR_RETURN(waiting->subscription, waiting->request.subscribe(mark));
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
  waiting->on_stop.emplace(waiting->request.stop,
                           [impl = impl_.get()] { impl->Wake(); });
  return absl::OkStatus();
}

void ChangeWaiter::RunOnce() { impl_->RunOnce(); }

}  // namespace howdah::operations

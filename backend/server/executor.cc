#include "backend/server/executor.h"

#include <utility>

namespace howdah::server {

Executor::Executor(ExecutorOptions options) : options_(options) {}

Executor::~Executor() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Executor::TrySubmit(Work work) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
    const bool may_start = threads_.size() < options_.workers;
    if (!WorkerIsFree() && !may_start &&
        queue_.size() >= idle_ + options_.queue) {
      return false;
    }
    EnsureWorker();
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void Executor::Resume(Work work) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    EnsureWorker();
    queue_.push_front(std::move(work));
  }
  wake_.notify_one();
}

void Executor::EnsureWorker() {
  if (WorkerIsFree() || threads_.size() >= options_.workers) return;
  threads_.emplace_back([this] { RunWorker(); });
  // A thread that has yet to start is as good as an idle one.
  ++idle_;
}

void Executor::RunWorker() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    --idle_;
    lock.unlock();
    std::move(work)();
    // What the work holds must not live on while this worker is idle.
    work = nullptr;
    lock.lock();
    ++idle_;
  }
}

}  // namespace howdah::server

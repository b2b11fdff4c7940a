#include "backend/local/controllers/work_queue.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace howdah::local::controllers {
namespace {

absl::Duration RetryDelay(int failures) {
  return std::min(absl::Milliseconds(200) * (1 << std::min(failures - 1, 10)),
                  absl::Seconds(30));
}

}  // namespace

WorkQueue::WorkQueue(int threads, Reconcile reconcile)
    : reconcile_(std::move(reconcile)) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

WorkQueue::~WorkQueue() { Stop(); }

void WorkQueue::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkQueue::Add(const std::string& key) {
  AddAfter(key, absl::ZeroDuration());
}

void WorkQueue::AddAfter(const std::string& key, absl::Duration delay) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = entries_[key];
  entry.due = std::min(entry.due, absl::Now() + delay);
  changed_.Signal();
}

std::optional<std::string> WorkQueue::TakeDue() {
  const absl::Time now = absl::Now();
  auto first = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (it->second.running || it->second.due > now) continue;
    if (first == entries_.end() || it->second.due < first->second.due) {
      first = it;
    }
  }
  if (first == entries_.end()) return std::nullopt;
  first->second.running = true;
  first->second.due = absl::InfiniteFuture();
  return first->first;
}

absl::Time WorkQueue::NextDue() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [key, entry] : entries_) {
    if (!entry.running) next = std::min(next, entry.due);
  }
  return next;
}

void WorkQueue::Loop() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    std::optional<std::string> key = TakeDue();
    if (!key.has_value()) {
      changed_.WaitWithDeadline(&mutex_, NextDue());
      continue;
    }
    mutex_.Unlock();
    absl::StatusOr<Again> again = reconcile_(*key);
    mutex_.Lock();
    Entry& entry = entries_[*key];
    entry.running = false;
    entry.failures = again.ok() ? 0 : entry.failures + 1;
    Again delay = again.ok() ? *again : Again(RetryDelay(entry.failures));
    if (delay.has_value()) {
      entry.due = std::min(entry.due, absl::Now() + *delay);
    }
    if (entry.due == absl::InfiniteFuture()) entries_.erase(*key);
    changed_.Signal();
  }
}

}  // namespace howdah::local::controllers

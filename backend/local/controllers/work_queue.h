// Keys that wait to be reconciled: each at most once in the queue, never two
// workers on one key, repeated with growing delays while it fails.
//
//   WorkQueue queue(2, [](const std::string& key) { return Reconcile(key); });
//   queue.Add("cluster/default/demo");
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_WORK_QUEUE_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_WORK_QUEUE_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace howdah::local::controllers {

// When to look at the key again; nullopt: when something changes.
using Again = std::optional<absl::Duration>;

// Threads: safe. Owns: its workers. Limits: an error is tried again after 0.2
// s, doubling to 30 s; Add() of a key that waits for its retry takes effect at
// once, but does not forget how often it failed.
class WorkQueue {
 public:
  using Reconcile = std::function<absl::StatusOr<Again>(const std::string&)>;

  WorkQueue(int threads, Reconcile reconcile);
  ~WorkQueue();

  void Add(const std::string& key);
  void AddAfter(const std::string& key, absl::Duration delay);
  // No new work is begun; returns when the running is done.
  void Stop();

 private:
  struct Entry {
    absl::Time due = absl::InfiniteFuture();
    bool running = false;
    int failures = 0;
  };
  void Loop();
  std::optional<std::string> TakeDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time NextDue() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Reconcile reconcile_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_WORK_QUEUE_H_

// A few threads for the long work: initdb, copies, clean stops.
//
//   pool.Run([] { ... });
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_JOB_POOL_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_JOB_POOL_H_

#include <deque>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace howdah::local::controllers {

// Threads: safe. Owns: its threads. Limits: jobs beyond the number of threads
// wait; Stop() drops those that wait and lets the running ones end.
class JobPool {
 public:
  explicit JobPool(int threads) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Loop(); });
    }
  }
  ~JobPool() { Stop(); }

  void Run(std::function<void()> job) {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) jobs_.push_back(std::move(job));
  }

  void Stop() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      jobs_.clear();
    }
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  void Loop() {
    while (true) {
      std::function<void()> job;
      {
        absl::MutexLock lock(&mutex_);
        auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
          return stopping_ || !jobs_.empty();
        };
        mutex_.Await(absl::Condition(&ready));
        if (stopping_) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }
  }

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::function<void()>> jobs_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_JOB_POOL_H_

// Threads for the work that may block, behind a queue with an end.
//
//   Executor executor({.workers = 16, .queue = 1024});
//   if (!executor.TrySubmit([] { ... })) return QueueFull();
//
// A full queue refuses at once: a caller that is told to come back can do so,
// one that waits without knowing cannot.
#ifndef HOWDAH_BACKEND_SERVER_EXECUTOR_H_
#define HOWDAH_BACKEND_SERVER_EXECUTOR_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace howdah::server {

struct ExecutorOptions {
  // Most pieces of work that run at once.
  size_t workers = 16;
  // Most pieces of work that wait for a worker.
  size_t queue = 1024;
};

// Threads: safe. Owns: its threads, which it starts as work comes in.
// Limits: work must not throw.
class Executor {
 public:
  using Work = absl::AnyInvocable<void() &&>;

  explicit Executor(ExecutorOptions options);
  // Runs what is queued, then ends the threads.
  ~Executor();

  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // False if the queue is full; `work` is then dropped without being run.
  bool TrySubmit(Work work);

  // Runs the rest of work that was let in before, ahead of what is queued and
  // whether or not the queue is full.
  void Resume(Work work);

 private:
  // Needs the lock.
  bool WorkerIsFree() const { return idle_ > queue_.size(); }
  // Before work is queued: starts a worker if none is free and one more may
  // be.
  void EnsureWorker();
  void RunWorker();

  const ExecutorOptions options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> queue_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_EXECUTOR_H_

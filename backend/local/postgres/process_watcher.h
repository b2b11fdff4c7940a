// Says when a process ends, without polling: children and adopted ones.
//
//   watcher->Watch(pid, [this] { queue.Add(key); });
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_PROCESS_WATCHER_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_PROCESS_WATCHER_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace howdah::local::postgres {

// Threads: safe; callbacks run on the watcher's thread and must not block.
// Owns: one thread. Limits: Linux 5.3 or newer (pidfd).
class ProcessWatcher {
 public:
  static absl::StatusOr<std::unique_ptr<ProcessWatcher>> Create();
  ~ProcessWatcher();

  // Calls `on_exit` once, also if the process is gone already. A child is
  // reaped.
  void Watch(pid_t pid, std::function<void()> on_exit);

 private:
  struct Watched {
    pid_t pid;
    std::function<void()> on_exit;
  };
  ProcessWatcher(int epoll, int wake);
  void Loop();

  const int epoll_;
  const int wake_;
  absl::Mutex mutex_;
  std::map<int, Watched> watched_ ABSL_GUARDED_BY(mutex_);  // by pidfd
  std::thread thread_;
};

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_PROCESS_WATCHER_H_

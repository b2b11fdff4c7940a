#include "backend/local/postgres/process_watcher.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "backend/local/postgres/errors.h"

namespace howdah::local::postgres {

absl::StatusOr<std::unique_ptr<ProcessWatcher>> ProcessWatcher::Create() {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return SystemError("epoll_create1", errno);
  int wake = eventfd(0, EFD_CLOEXEC);
  if (wake < 0) {
    close(epoll);
    return SystemError("eventfd", errno);
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake;
  epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event);
  return std::unique_ptr<ProcessWatcher>(new ProcessWatcher(epoll, wake));
}

ProcessWatcher::ProcessWatcher(int epoll, int wake)
    : epoll_(epoll), wake_(wake), thread_([this] { Loop(); }) {}

ProcessWatcher::~ProcessWatcher() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = write(wake_, &one, sizeof(one));
  thread_.join();
  absl::MutexLock lock(&mutex_);
  for (const auto& [pidfd, watched] : watched_) close(pidfd);
  close(wake_);
  close(epoll_);
}

void ProcessWatcher::Watch(pid_t pid, std::function<void()> on_exit) {
  int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) {
    on_exit();
    return;
  }
  absl::MutexLock lock(&mutex_);
  watched_[pidfd] = {pid, std::move(on_exit)};
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = pidfd;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, pidfd, &event);
}

void ProcessWatcher::Loop() {
  while (true) {
    epoll_event event{};
    int count = epoll_wait(epoll_, &event, 1, -1);
    if (count < 0 && errno != EINTR) return;
    if (count <= 0) continue;
    if (event.data.fd == wake_) return;
    Watched ended;
    {
      absl::MutexLock lock(&mutex_);
      auto it = watched_.find(event.data.fd);
      if (it == watched_.end()) continue;
      ended = std::move(it->second);
      watched_.erase(it);
      close(event.data.fd);  // leaves the epoll set with it
    }
    waitpid(ended.pid, nullptr, WNOHANG);  // ECHILD for an adopted one
    ended.on_exit();
  }
}

}  // namespace howdah::local::postgres

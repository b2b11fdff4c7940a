#include "backend/local/stop_signal.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace howdah::local {

StopSignal::StopSignal() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  requests_ = eventfd(0, EFD_CLOEXEC);
}

StopSignal::~StopSignal() {
  close(signals_);
  close(requests_);
}

void StopSignal::Request(const std::string& reason) {
  {
    std::lock_guard lock(mutex_);
    if (reason_.empty()) reason_ = reason;
  }
  uint64_t one = 1;
  if (write(requests_, &one, sizeof(one)) < 0) return;
}

std::string StopSignal::Wait(const std::vector<int>& files) {
  std::vector<pollfd> waiting = {{signals_, POLLIN, 0}, {requests_, POLLIN, 0}};
  for (int file : files) waiting.push_back({file, POLLIN, 0});
  while (true) {
    if (poll(waiting.data(), waiting.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return "poll failed";
    }
    if (waiting[0].revents != 0) {
      signalfd_siginfo info;
      if (read(signals_, &info, sizeof(info)) < 0) continue;
      return info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM";
    }
    if (waiting[1].revents != 0) {
      std::lock_guard lock(mutex_);
      return reason_;
    }
    for (size_t i = 2; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      char ignored[256];
      if (read(waiting[i].fd, ignored, sizeof(ignored)) <= 0) return "closed";
    }
  }
}

void ExitWithParent() {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() == 1) raise(SIGTERM);
}

}  // namespace howdah::local

#include "backend/process/guardian.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace howdah::process {
namespace {

constexpr size_t kMostGroups = 1024;

// Between fork and exit of a process with threads only async-signal-safe calls
// are allowed: no allocation, no locks.
[[noreturn]] void Guard(int end) {
  setsid();
  for (int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    signal(signal_number, SIG_IGN);
  }
  // Its end is the only thing that it may keep open: sockets and files of the
  // server would else outlive the server.
  dup2(end, 0);
  close_range(1, ~0U, 0);
  std::array<pid_t, kMostGroups> groups = {};
  while (true) {
    pid_t message = 0;
    const ssize_t got = recv(0, &message, sizeof(message), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof(message)) break;
    const pid_t wanted = message > 0 ? 0 : -message;
    const auto slot = std::find(groups.begin(), groups.end(), wanted);
    if (slot != groups.end()) *slot = message > 0 ? message : 0;
  }
  for (const pid_t group : groups) {
    if (group > 0) kill(-group, SIGKILL);
  }
  _exit(0);
}

}  // namespace

Guardian& Guardian::Of() {
  static Guardian& guardian = *new Guardian();
  return guardian;
}

bool Guardian::Start() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return false;
  }
  Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    // Not a child of ours: nobody has to wait for it.
    if (fork() != 0) _exit(0);
    close(ends[1]);
    Guard(ends[0]);
  }
  if (child < 0) return false;
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  channel_ = std::move(write_end);
  owner_ = getpid();
  return true;
}

void Guardian::Tell(pid_t message) {
  const std::lock_guard lock(mutex_);
  const bool ready = channel_.get() >= 0 && owner_ == getpid();
  if (!ready && !Start()) return;
  // Should the second process have been killed, the next message starts
  // another.
  if (send(channel_.get(), &message, sizeof(message), MSG_NOSIGNAL) < 0 &&
      errno != EINTR) {
    channel_.Close();
  }
}

}  // namespace howdah::process

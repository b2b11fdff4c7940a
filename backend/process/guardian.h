// Kills process groups when this process is gone, however it went.
//
//   Guardian::Of().Watch(group);   // after the fork
//   Guardian::Of().Forget(group);  // before the leader is reaped
//
// The kernel can kill a child when its parent dies (PR_SET_PDEATHSIG), but not
// the child's children. So a second process, forked when it is first needed,
// waits at the end of a socket: when that closes, this process has died, and
// the groups it was told of are killed. It is of a session of its own, so that
// what ends our group does not end it first.
#ifndef HOWDAH_BACKEND_PROCESS_GUARDIAN_H_
#define HOWDAH_BACKEND_PROCESS_GUARDIAN_H_

#include <sys/types.h>

#include <mutex>

#include "backend/process/child_process.h"

namespace howdah::process {

// Threads: safe. Owns: the second process, which ends with this one.
// Limits: 1024 groups at once; without the second process (no memory for a
// fork) calls do nothing.
class Guardian {
 public:
  // That of this process.
  static Guardian& Of();

  void Watch(pid_t group) { Tell(group); }
  // Before the group's leader is reaped: then its number cannot be another's.
  void Forget(pid_t group) { Tell(-group); }

 private:
  Guardian() = default;
  void Tell(pid_t message);
  bool Start();

  std::mutex mutex_;
  Descriptor channel_;
  // A fork that is no other program begins with its parent's channel.
  pid_t owner_ = 0;
};

}  // namespace howdah::process

#endif  // HOWDAH_BACKEND_PROCESS_GUARDIAN_H_

// A program that runs as a child: without a shell, with a given environment and
// nothing else, in a process group of its own, and never longer than we do.
//
//   ASSIGN_OR_RETURN(ChildProcess child,
//                    ChildProcess::Start({.argv = {"/usr/bin/aws",
//                    "--version"},
//                                         .environment = {"LANG=C.UTF-8"}}));
//   poll(child.end_fd())...           // readable when it has ended
//   const int status = child.Reap();  // what is left of its group is killed
//
// When this process dies, by whatever signal, the child is killed by the kernel
// and the rest of its group by the guardian (guardian.h).
#ifndef HOWDAH_BACKEND_PROCESS_CHILD_PROCESS_H_
#define HOWDAH_BACKEND_PROCESS_CHILD_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace howdah::process {

struct Command {
  std::vector<std::string> argv;         // the first as for execvp
  std::vector<std::string> environment;  // "NAME=value"; nothing else is set
  std::string directory = {};            // empty: ours
  // Most memory that it may write to, in bytes; 0: as much as we may.
  uint64_t most_memory = 0;
  // Longest file that it may write, in bytes; 0: as long as we may.
  uint64_t longest_file = 0;
};

// A file descriptor that is closed. Threads: one.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    Close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }

  int get() const { return fd_; }
  void Close();

 private:
  int fd_;
};

// Threads: one, which should live as long as the child: the kernel kills the
// child when the thread that started it ends. Owns: the process; destroying
// kills its group and waits.
class ChildProcess {
 public:
  // UNAVAILABLE if it cannot be started. Its stdin is empty.
  static absl::StatusOr<ChildProcess> Start(const Command& command);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  // Do not block.
  Descriptor& output() { return output_; }
  Descriptor& errors() { return errors_; }
  // Readable when the program has ended.
  int end_fd() const { return end_.get(); }

  // Kills the program and all of its group.
  void Kill();
  // Waits for the end, kills what is left of the group, and returns the wait
  // status.
  int Reap();

 private:
  ChildProcess() = default;

  pid_t pid_ = -1;
  Descriptor output_;
  Descriptor errors_;
  Descriptor end_;
};

}  // namespace howdah::process

#endif  // HOWDAH_BACKEND_PROCESS_CHILD_PROCESS_H_

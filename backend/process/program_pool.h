// Runs programs, a few at a time, without holding a thread for each.
//
//   ProgramPool pool({.most_running = 8, .most_waiting = 100});
//   const absl::Status taken = pool.Run(
//       {.command = command, .until = call.deadline, .cancelled =
//       call.cancelled},
//       [](absl::StatusOr<ProgramEnd> end) { … });
//
// A program whose time is over or whose caller has gone is killed with its
// whole process group. Of what it prints the beginning is kept and the rest is
// read and dropped, so that a program that prints without end neither fills the
// memory nor blocks.
#ifndef HOWDAH_BACKEND_PROCESS_PROGRAM_POOL_H_
#define HOWDAH_BACKEND_PROCESS_PROGRAM_POOL_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/process/child_process.h"

namespace howdah::process {

struct Program {
  Command command;
  absl::Time until = absl::InfiniteFuture();
  std::stop_token cancelled = {};
  // When this is requested (the server ends), it has this long left.
  std::stop_token ending = {};
  absl::Duration grace = absl::ZeroDuration();
  size_t most_output = size_t{4} << 20;
  size_t most_errors = size_t{64} << 10;
};

struct ProgramEnd {
  enum class How {
    kExited,
    kSignalled,
    kOutOfTime,  // killed by us
    kCancelled,  // killed by us
    kEnding,     // killed by us: the grace is over
  };
  How how = How::kExited;
  int code = 0;  // exit code or number of the signal
  // False if it was stopped while it waited for its turn.
  bool started = false;
  std::string output;
  std::string errors;
  size_t output_bytes = 0;  // printed; more than output.size() if cut off
  bool output_cut() const { return output_bytes > output.size(); }
};

struct ProgramPoolOptions {
  size_t most_running = 8;
  size_t most_waiting = 100;
};

// Threads: safe; has one of its own, from the first program on, on which
// programs are started and `done` is called, which must not block. Owns: the
// running programs; destroying kills them, and their callers hear CANCELLED.
class ProgramPool {
 public:
  using Done = std::function<void(absl::StatusOr<ProgramEnd>)>;

  explicit ProgramPool(const ProgramPoolOptions& options);
  ~ProgramPool();

  // RESOURCE_EXHAUSTED if as many wait as may; `done` is then not called. It
  // hears UNAVAILABLE if the program cannot be started.
  absl::Status Run(Program program, Done done);

  // Runs and waits; for callers that may block. RESOURCE_EXHAUSTED never.
  absl::StatusOr<ProgramEnd> RunAndWait(Program program);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::process

#endif  // HOWDAH_BACKEND_PROCESS_PROGRAM_POOL_H_

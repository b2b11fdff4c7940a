// A program run as a child: its output by lines, its end, and that it never
// outlives this object.
//
//   auto child = ChildProcess::Spawn(io, {"howdah-backend", "--announce"},
//       {.on_line = [](absl::string_view line) { ... },
//        .on_exit = [](const std::string& how) { ... }});
#ifndef HOWDAH_ADAPTER_SERVER_CHILD_PROCESS_H_
#define HOWDAH_ADAPTER_SERVER_CHILD_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace boost::asio {
class io_context;
}

namespace howdah::adapter {

struct ChildEvents {
  // A line on the child's stdout, without its end.
  std::function<void(absl::string_view line)> on_line;
  // Once, when it has ended by itself; `how` is for people ("exited with 1").
  // The object may be destroyed there.
  std::function<void(const std::string& how)> on_exit;
};

// The child's stdin stays open and empty for as long as the object lives. Its
// stderr is passed on, and the last line of it remembered.
//
// Threads: one. Owns: the process: destroying ends it (SIGTERM, after five
// seconds SIGKILL), waits for that, and calls nothing.
class ChildProcess {
 public:
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Spawn(
      boost::asio::io_context& io, const std::vector<std::string>& command,
      ChildEvents events);
  ~ChildProcess();

  pid_t pid() const;
  // The message of the last line on stderr; its "msg" where it is JSON.
  std::string last_words() const;

 private:
  class Impl;
  explicit ChildProcess(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_CHILD_PROCESS_H_

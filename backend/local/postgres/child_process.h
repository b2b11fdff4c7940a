// Starts programs as the PostgreSQL user, without a shell.
//
//   Command initdb{.argv = {bin + "/initdb", "-D", dir}, .user = user,
//                  .working_directory = instance_dir};
//   ASSIGN_OR_RETURN(std::string output, Run(initdb, absl::Minutes(5), stop));
//
// Everything runs in its own process group, with a clean environment and with
// its working directory below the instance's directory: so whatever a killed
// plane left behind is found again (ProcessesIn).
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_CHILD_PROCESS_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_CHILD_PROCESS_H_

#include <sys/types.h>

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/local/postgres/os_user.h"

namespace howdah::local::postgres {

struct Command {
  std::vector<std::string> argv;  // argv[0] is an absolute path
  OsUser user;
  std::string working_directory;
};

// Starts a program that outlives this process; its output is appended to the
// file. The caller waits for it (process_watcher.h).
absl::StatusOr<pid_t> StartDetached(const Command& command,
                                    const std::string& output_file);

// Runs a program to its end and returns its output. It is killed when the time
// is over, when `cancelled` becomes true, and when this process dies.
absl::StatusOr<std::string> Run(const Command& command, absl::Duration timeout,
                                const std::atomic<bool>& cancelled);

// The processes whose working directory is `directory` or below it.
std::vector<pid_t> ProcessesIn(const std::string& directory);

// Kills them and waits until they are gone.
absl::Status EndProcessesIn(const std::string& directory,
                            absl::Duration timeout);

// Whether the process exists and is no zombie.
bool IsAlive(pid_t pid);

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_CHILD_PROCESS_H_

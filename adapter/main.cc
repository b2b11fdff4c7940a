// howdah-mcp: the MCP adapter. See adapter/server/config.cc for its flags and
// adapter/server/assembly.cc for its parts.

#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "adapter/server/assembly.h"
#include "adapter/server/config.h"
#include "proto/support/env_file.h"
#include "proto/support/environment.h"

namespace {

int Complain(const absl::Status& status, int code) {
  std::fprintf(stderr, "howdah-mcp: %s\n",
               std::string(status.message()).c_str());
  return code;
}

// False if the parent is gone already.
bool ExitWithParent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  return getppid() == parent;
}

}  // namespace

int main(int argc, char** argv) {
  const pid_t parent = getppid();
  // Debian's Abseil looks for lock cycles at every lock; gRPC has many.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Large blocks go back to the system when they are freed. glibc would keep
  // them after the first, and a flood of long bodies would leave its mark.
  mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
  const absl::Status loaded = howdah::support::LoadEnvFiles(
      std::vector<std::string>(argv + 1, argv + argc));
  if (!loaded.ok()) return Complain(loaded, 2);
  const auto read = [argc, argv] {
    return howdah::adapter::ParseConfig(argc, argv,
                                        howdah::support::ProcessEnvironment);
  };
  const auto config = read();
  if (!config.ok()) return Complain(config.status(), 2);
  if (!config->print.empty()) {
    std::fputs(config->print.c_str(), stdout);
    return 0;
  }
  if (config->exit_with_parent && !ExitWithParent(parent)) return 0;
  auto assembly = howdah::adapter::Assembly::Make(*config);
  if (!assembly.ok()) return Complain(assembly.status(), 1);
  const absl::Status served = (*assembly)->Run(read);
  return served.ok() ? 0 : Complain(served, 1);
}

#include <cstdio>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "backend/local/aiven/sandbox.h"
#include "backend/local/commands.h"
#include "backend/local/plane_log.h"
#include "backend/local/stop_signal.h"

namespace howdah::local {

int ServeAiven(const CommandOptions& options) {
  // Debian's Abseil looks for deadlocks at each lock; that is for debugging.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  StopSignal stop;
  if (options.exit_with_parent) ExitWithParent();
  aiven::SandboxConfig config;
  config.data_dir = options.data_dir;
  config.host = options.host;
  config.port = options.port;
  config.calls_per_minute = options.rate_limit;
  absl::StatusOr<std::unique_ptr<aiven::Sandbox>> sandbox =
      aiven::Sandbox::Start(config);
  if (!sandbox.ok()) {
    Log(LogLevel::kError, sandbox.status().message());
    return 1;
  }
  Log(LogLevel::kInfo, "serving the Aiven sandbox", (*sandbox)->facts());
  if (options.announce) {
    printf("%s\n", (*sandbox)->facts().dump().c_str());
    fflush(stdout);
  }
  std::string reason = stop.Wait();
  Log(LogLevel::kInfo, "stopping", {{"reason", reason}});
  (*sandbox)->Stop();
  Log(LogLevel::kInfo, "stopped");
  return 0;
}

}  // namespace howdah::local

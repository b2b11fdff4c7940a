#include <unistd.h>

#include <cstdio>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "backend/local/commands.h"
#include "backend/local/control_socket.h"
#include "backend/local/plane.h"
#include "backend/local/plane_log.h"
#include "backend/local/stop_signal.h"

namespace howdah::local {

int Serve(const CommandOptions& options) {
  // Debian's Abseil looks for deadlocks at each lock; that is for debugging.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  StopSignal stop;
  if (options.exit_with_parent) ExitWithParent();
  absl::StatusOr<std::unique_ptr<Plane>> plane =
      Plane::Start({options.data_dir, options.host, options.port});
  if (!plane.ok()) {
    Log(LogLevel::kError, plane.status().message());
    return 1;
  }
  DataDirectory data(options.data_dir);
  ControlEvents events;
  events.facts = [&plane] { return (*plane)->facts(); };
  events.on_stop = [&stop](const std::string& reason) { stop.Request(reason); };
  events.exit_when_unused = options.exit_when_unused;
  absl::StatusOr<std::unique_ptr<ControlSocket>> control =
      ControlSocket::Listen(data.control_socket(), std::move(events));
  if (!control.ok()) {
    Log(LogLevel::kError, control.status().message());
    return 1;
  }
  Log(LogLevel::kInfo, "serving", (*plane)->facts());
  if (options.announce) {
    printf("%s\n", (*plane)->facts().dump().c_str());
    fflush(stdout);
  }
  std::string reason = stop.Wait();
  Log(LogLevel::kInfo, "stopping", {{"reason", reason}});
  // Nobody new may count on this plane; those who wait for its end see it when
  // everything is down.
  (*control)->Refuse();
  (*plane)->Stop();
  control->reset();
  Log(LogLevel::kInfo, "stopped");
  return 0;
}

}  // namespace howdah::local

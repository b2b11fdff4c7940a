// The life of the server process: signals, announcement, drain.
//
//   PrepareProcess(config);               // before the first thread
//   ...start...
//   ServeUntilSignal(config, server, read);  // returns when all calls have
//   ended
#ifndef HOWDAH_BACKEND_SERVER_PROCESS_H_
#define HOWDAH_BACKEND_SERVER_PROCESS_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/server/config.h"
#include "backend/server/server.h"

namespace howdah::server {

// Blocks the signals that ServeUntilSignal waits for, sends the log of the
// libraries into ours, has large blocks of memory given back when they are
// freed, and ties the process to its parent if asked to.
// FAILED_PRECONDITION if the parent has already gone.
absl::Status PrepareProcess(const Config& config);

// Reads the configuration anew.
using ConfigSource = std::function<absl::StatusOr<Config>()>;

// Announces the server, waits for SIGTERM or SIGINT, serves on for the drain
// delay or until a second signal while it says that it is not ready, drains.
// SIGHUP takes the log level from the source; a broken configuration changes
// nothing. A method that ignores its cancellation cannot keep the process: it
// is ended soon after the grace, with exit status 0.
void ServeUntilSignal(const Config& config, Server& server,
                      const ConfigSource& source);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_PROCESS_H_

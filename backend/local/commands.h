// The commands of howdah-local. Each returns the exit code of the program and
// prints its errors on stderr.
#ifndef HOWDAH_BACKEND_LOCAL_COMMANDS_H_
#define HOWDAH_BACKEND_LOCAL_COMMANDS_H_

#include <cstdint>
#include <string>

namespace howdah::local {

struct CommandOptions {
  std::string data_dir;
  std::string host = "127.0.0.1";
  uint16_t port = 6550;
  bool exit_when_unused = false;
  bool announce = false;
  bool exit_with_parent = false;
  // Of the Aiven sandbox: calls per token and minute; 0 for any number.
  int rate_limit = 120;
};

// Runs a plane until it is told to stop.
int Serve(const CommandOptions& options);

// Holds a plane, started if none runs, until stdin ends.
int Lease(const CommandOptions& options);

// Prints the facts of the running plane; 3 if none runs.
int Status(const CommandOptions& options);

// Stops the running plane and waits for its end.
int Stop(const CommandOptions& options);

// Runs an Aiven API sandbox until it is told to stop.
int ServeAiven(const CommandOptions& options);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_COMMANDS_H_

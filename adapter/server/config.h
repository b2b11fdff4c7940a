// The flags of howdah-mcp.
//
//   ASSIGN_OR_RETURN(Config config, ParseConfig(argc, argv));
//   if (!config.print.empty()) { std::cout << config.print; return 0; }
#ifndef HOWDAH_ADAPTER_SERVER_CONFIG_H_
#define HOWDAH_ADAPTER_SERVER_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapter/server/authorization_config.h"
#include "adapter/server/http_config.h"
#include "proto/support/environment.h"

namespace howdah::adapter {

using support::EmptyEnvironment;
using support::EnvironmentOf;

struct Config {
  // Text of --help, --version or --print-config: print it and end.
  std::string print;

  bool http = false;  // else stdio
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;
  HttpConfig http_only;

  std::string backend;  // empty with spawn_backend
  bool spawn_backend = false;
  std::string local_data_dir;  // empty: no local plane
  int local_port = -1;         // -1: howdah-local's default
  std::vector<std::string> backend_arguments;

  AuthorizationConfig authorization;
  // Under which clients know the endpoint; empty: as they call it.
  std::string public_url;
  bool read_only = false;
  // Those that are asked for, or just "all"; empty for what is on by default.
  std::vector<std::string> toolsets;
  // What may switch a toolset on unasked.
  EnvironmentOf environment = EmptyEnvironment;
  std::string state_key_file;  // empty: a key of its own
  // Where probes and metrics are told; empty: nowhere.
  std::string admin_listen;
  // After the signal to end, over http: how long requests are still taken, and
  // how long those that run then may go on.
  absl::Duration drain_delay;
  absl::Duration drain_timeout;
  bool announce = false;
  bool exit_with_parent = false;
};

// Flags that are not given may stand in the environment or the file that
// --config names (proto/support/program_flags.h).
absl::StatusOr<Config> ParseConfig(
    int argc, const char* const* argv,
    const EnvironmentOf& environment = EmptyEnvironment);

// Whether more differs than what Assembly::Run can change while it serves:
// read_only, toolsets, state_key_file and http_only.
bool NeedsRestart(const Config& running, const Config& fresh);

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_CONFIG_H_

// What the flags of howdah-backend say.
//
//   ASSIGN_OR_RETURN(Config config, ParseConfig({"--listen", "unix:/run/h"}));
//   if (!config.print.empty()) { std::cout << config.print; return 0; }
#ifndef HOWDAH_BACKEND_SERVER_CONFIG_H_
#define HOWDAH_BACKEND_SERVER_CONFIG_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/aiven/account_settings.h"
#include "backend/observability/log.h"
#include "backend/server/authorization_config.h"
#include "backend/server/server.h"
#include "proto/support/environment.h"

namespace howdah::server {

using support::EmptyEnvironment;
using support::EnvironmentOf;

// Where Kubernetes is, and what calls that do not say so mean.
struct KubernetesConfig {
  // As in --kubeconfig; empty: found as every Kubernetes client finds it.
  std::string kubeconfig;
  // Context that calls without one mean; empty: the kubeconfig's current one.
  std::string context;
  // Namespace that calls without one mean; empty: that of the context.
  std::string namespace_name;
  // What the watch caches keep; empty: all.
  std::vector<std::string> watched_namespaces = {};
  // Other backends serve the same callers.
  bool several_replicas = false;
};

// The AWS CLI, and how much of it.
struct AwsConfig {
  // Name or path of the CLI.
  std::string cli = "aws";
  // File of the operator's rules; empty: none.
  std::string policy_file;
  // All services are asked there instead of at AWS; for emulators.
  std::string endpoint_url;
  // What is known of the CLI is kept there; empty: in the user's cache.
  std::string cache_directory;
  size_t most_running = 8;
  size_t most_waiting = 100;
  // Variables of the server's environment that matter to the CLI.
  std::map<std::string, std::string> environment = {};
};

// Threads: a value.
struct Config {
  ServerOptions server;
  AuthorizationConfig authorization;
  KubernetesConfig kubernetes;
  AwsConfig aws;
  // The first is that of calls that name none; empty if there is none.
  std::vector<aiven::AccountSettings> aiven_accounts;
  std::string default_postgres_version;
  // Where probes and metrics are told; empty: nowhere.
  std::string admin_listen;
  // After the signal to end: how long calls are still taken, and how long those
  // that run then may go on.
  absl::Duration drain_delay;
  absl::Duration drain_timeout;
  observability::LogLevel log_level = observability::LogLevel::kInfo;
  // Print one line of JSON on stdout when ready.
  bool announce = false;
  // End when the parent process ends.
  bool exit_with_parent = false;
  // All that needs a restart to change, as JSON; log_level and
  // read_only do not.
  std::string fixed;
  // Help, version or configuration; to be printed instead of serving.
  std::string print;
};

// Reads the arguments after the program's name; flags that are not among them
// may stand in the environment or the file that --config names
// (proto/support/program_flags.h). INVALID_ARGUMENT with reason BAD_FLAG says
// which flag is wrong and what was expected.
absl::StatusOr<Config> ParseConfig(
    const std::vector<std::string>& arguments,
    const EnvironmentOf& environment = EmptyEnvironment);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_CONFIG_H_

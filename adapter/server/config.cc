#include "adapter/server/config.h"

#include <sstream>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "adapter/mcp/toolsets.h"
#include "boost/program_options.hpp"
#include "proto/support/flag_sources.h"

namespace howdah::adapter {
namespace {

namespace po = boost::program_options;

constexpr char kUsage[] =
    "howdah-mcp: PostgreSQL clusters as tools of the Model Context Protocol.\n"
    "\n"
    "  howdah-mcp --spawn-backend                       over stdio, with its "
    "own backend\n"
    "  howdah-mcp --spawn-backend --local-data-dir D    the same, on this "
    "machine's local plane\n"
    "  howdah-mcp --transport http --backend 127.0.0.1:50051\n"
    "\n";

constexpr char kConclusion[] =
    "\n"
    "A flag can also stand in the environment, in capitals: "
    "HOWDAH_READ_ONLY=true,\n"
    "HOWDAH_PORT=3001; or in the file that --config names. The command line "
    "wins,\n"
    "then the environment.\n";

// What is not yet as Config has it.
struct Raw {
  std::string transport;
  std::string toolsets;
};

po::options_description Options(Raw& raw, Config& config,
                                const EnvironmentOf& environment) {
  po::options_description options("Flags");
  auto add = options.add_options();
  add("transport", po::value(&raw.transport)->default_value("stdio"),
      "stdio or http");
  add("host", po::value(&config.host)->default_value(config.host),
      "address that http listens on");
  add("port", po::value(&config.port)->default_value(config.port),
      "port that http listens on; 0 picks a free one");
  add("backend", po::value(&config.backend)->value_name("ADDRESS"),
      "backend to use: host:port or unix:/path; default 127.0.0.1:50051");
  add("spawn-backend", po::bool_switch(&config.spawn_backend),
      "run the howdah-backend that lies beside this program; what follows "
      "-- are its flags");
  add("local-data-dir",
      po::value(&config.local_data_dir)->value_name("DIRECTORY"),
      "with --spawn-backend: use the local plane on that directory, started "
      "at the first call");
  add("local-port", po::value(&config.local_port)->value_name("PORT"),
      "port of a local plane that has to be started");
  add("public-url", po::value(&config.public_url)->value_name("URL"),
      "http: under which clients know this endpoint, where that is not "
      "http://HOST:PORT/mcp");
  DescribeAuthorization(options, config.authorization, environment);
  add("read-only", po::bool_switch(&config.read_only),
      "refuse every tool that changes something");
  add("toolsets", po::value(&raw.toolsets)->value_name("A,B"),
      "offer only the tools of these toolsets; default: all but aws, and aiven "
      "only with an account");
  add("env-file", po::value<std::vector<std::string>>()->value_name("FILE"),
      "set the variables of this .env file, unless the environment has them; a "
      "backend of its own has them too; may be repeated");
  add("state-key-file", po::value(&config.state_key_file)->value_name("FILE"),
      "secrets, one a line, that seal what clients carry between calls; the "
      "first seals, all open. Replicas share it; without it each has its own");
  add("admin-listen", po::value(&config.admin_listen)->value_name("ADDRESS"),
      "http: tell probes and metrics there, to anybody: a port on loopback, or "
      "address:port; default: nowhere");
  add("announce", po::bool_switch(&config.announce),
      "http: print one JSON line with the address when ready");
  add("exit-with-parent", po::bool_switch(&config.exit_with_parent),
      "end when the parent process ends");
  DescribeHttp(options, config.http_only);
  add("config", po::value<std::string>()->value_name("FILE"),
      "a JSON object with the same names as these flags, which win; read again "
      "on SIGHUP");
  add("print-config", "show the configuration as JSON and exit");
  add("help", "show this text");
  add("version", "show the version");
  return options;
}

absl::Status Check(const Raw& raw, Config& config) {
  const std::string& transport = raw.transport;
  if (transport != "stdio" && transport != "http") {
    return absl::InvalidArgumentError(
        absl::StrCat("--transport is \"", transport, "\"; give stdio or http"));
  }
  config.http = transport == "http";
  if (absl::Status status = CheckHttp(config.http_only); !status.ok()) {
    return status;
  }
  if (config.http) {
    absl::Status reach = CheckReach(config.authorization, config.host);
    if (!reach.ok()) return reach;
  } else {
    config.authorization = {};
  }
  if (config.spawn_backend && !config.backend.empty()) {
    return absl::InvalidArgumentError(
        "--backend and --spawn-backend exclude each other");
  }
  if (!config.spawn_backend &&
      !(config.local_data_dir.empty() && config.backend_arguments.empty())) {
    return absl::InvalidArgumentError(
        "--local-data-dir and flags after -- need --spawn-backend");
  }
  config.toolsets = mcp::SplitToolsets(raw.toolsets);
  if (config.toolsets.empty() && !raw.toolsets.empty()) {
    config.toolsets = {"all"};
  }
  if (config.local_port < -1 || config.local_port > 65535) {
    return absl::InvalidArgumentError("--local-port is from 0 to 65535");
  }
  if (!config.spawn_backend && config.backend.empty()) {
    config.backend = "127.0.0.1:50051";
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Config> ParseConfig(int argc, const char* const* argv,
                                   const EnvironmentOf& environment) {
  Config config;
  config.environment = environment;
  Raw raw;
  std::vector<std::string> own;
  int next = 1;
  while (next < argc && std::string(argv[next]) != "--") {
    own.push_back(argv[next++]);
  }
  while (++next < argc) config.backend_arguments.push_back(argv[next]);
  const po::options_description options = Options(raw, config, environment);
  po::variables_map values;
  const absl::Status read =
      support::ReadFlags(own, options, environment, values);
  if (!read.ok()) return read;
  if (values.count("help") > 0) {
    std::ostringstream text;
    text << kUsage << options << kConclusion;
    config.print = text.str();
    return config;
  }
  if (values.count("version") > 0) {
    config.print = absl::StrCat("howdah-mcp ", kVersion, "\n");
    return config;
  }
  if (const absl::Status status = Check(raw, config); !status.ok()) {
    return status;
  }
  if (values.count("print-config") > 0) {
    config.print = support::ShowFlags(options, values);
  }
  return config;
}

bool NeedsRestart(const Config& running, const Config& fresh) {
  const auto fixed = [](const Config& config) {
    return std::tie(config.http, config.host, config.port, config.backend,
                    config.spawn_backend, config.local_data_dir,
                    config.local_port, config.backend_arguments,
                    config.authorization, config.public_url,
                    config.admin_listen);
  };
  return fixed(running) != fixed(fresh);
}

}  // namespace howdah::adapter

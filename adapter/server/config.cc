#include "adapter/server/config.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/mcp/toolsets.h"
#include "boost/program_options.hpp"
#include "proto/support/program_flags.h"

namespace howdah::adapter {
namespace {

namespace po = boost::program_options;

constexpr char kIntroduction[] =
    R"(howdah-mcp offers databases to AI assistants, as tools, resources and prompts of
the Model Context Protocol. It asks a howdah-backend for all of it.

  howdah-mcp --spawn-backend                     over stdio, its backend too
  howdah-mcp --spawn-backend --local-data-dir D  the same, on this machine alone
  howdah-mcp --transport http --backend 127.0.0.1:50051)";

constexpr char kConclusion[] =
    R"(SIGHUP reads the file of --config again, and takes read-only, toolsets, keys and
what only HTTP has; a broken file changes nothing.)";

// What is not yet as Config has it.
struct Raw {
  std::string transport;
  std::string toolsets;
  int drain_delay = 0;
  int drain_timeout = 0;
};

void Describe(support::ProgramFlags& flags, Raw& raw, Config& config) {
  flags.Group("Where it listens")
      .add_options()(
          "transport",
          po::value(&raw.transport)->value_name("KIND")->default_value("stdio"),
          "stdio or http")("host",
                           po::value(&config.host)
                               ->value_name("ADDRESS")
                               ->default_value(config.host),
                           "address that http listens on")(
          "port",
          po::value(&config.port)->value_name("N")->default_value(config.port),
          "port that http listens on; 0 picks a free one")(
          "public-url", po::value(&config.public_url)->value_name("URL"),
          "http: under which clients know this endpoint, where that is not "
          "http://HOST:PORT/mcp");
  flags.Group("Its backend")
      .add_options()(
          "backend", po::value(&config.backend)->value_name("ADDRESS"),
          "backend to use: host:port or unix:/path; default: 127.0.0.1:50051")(
          "spawn-backend", po::bool_switch(&config.spawn_backend),
          "run the howdah-backend that lies beside this program; what follows "
          "-- are its flags")(
          "local-data-dir",
          po::value(&config.local_data_dir)->value_name("DIR"),
          "with --spawn-backend: use the local plane on that directory, "
          "started "
          "at the first call")("local-port",
                               po::value(&config.local_port)->value_name("N"),
                               "port of a local plane that has to be started");
  flags.Group("What it offers")
      .add_options()("read-only", po::bool_switch(&config.read_only),
                     "refuse every tool that changes something")(
          "toolsets", po::value(&raw.toolsets)->value_name("A,B"),
          "offer only the tools of these toolsets; default: all but aws, and "
          "aiven only with an account");
  DescribeAuthorization(flags, config.authorization);
  DescribeHttp(flags.Group("HTTP"), config.http_only);
  flags.Group("How it runs")
      .add_options()("state-key-file",
                     po::value(&config.state_key_file)->value_name("FILE"),
                     "secrets, one a line, that seal what clients carry "
                     "between calls; the "
                     "first seals, all open. Replicas share it; without it "
                     "each has its own")(
          "admin-listen",
          po::value(&config.admin_listen)->value_name("ADDRESS"),
          "http: tell probes and metrics there, to anybody: a port on "
          "loopback, or "
          "address:port; default: nowhere")(
          "drain-delay",
          po::value(&raw.drain_delay)->value_name("SECONDS")->default_value(0),
          "http: how long after SIGTERM requests are still taken, for load "
          "balancers to notice that /health/ready says 503; a second signal "
          "ends it")("drain-timeout",
                     po::value(&raw.drain_timeout)
                         ->value_name("SECONDS")
                         ->default_value(15),
                     "http: how long requests under way may go on after that")(
          "announce", po::bool_switch(&config.announce),
          "http: print one JSON line with the address when ready")(
          "exit-with-parent", po::bool_switch(&config.exit_with_parent),
          "end when the parent process ends");
  flags.OnlyOnCommandLine({"announce", "exit-with-parent"});
  flags.AddConfiguration(kIntroduction, kConclusion);
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
  constexpr int kLongestDrain = 3600;
  for (const auto& [flag, seconds] :
       {std::pair("--drain-delay", raw.drain_delay),
        std::pair("--drain-timeout", raw.drain_timeout)}) {
    if (seconds >= 0 && seconds <= kLongestDrain) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        flag, " is from 0 to ", kLongestDrain, " seconds, got ", seconds));
  }
  config.drain_delay = absl::Seconds(raw.drain_delay);
  config.drain_timeout = absl::Seconds(raw.drain_timeout);
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
  support::ProgramFlags flags("howdah-mcp");
  Describe(flags, raw, config);
  if (const absl::Status read = flags.Read(own, environment); !read.ok()) {
    return read;
  }
  config.print = flags.Answer();
  if (!config.print.empty()) return config;
  if (const absl::Status status = Check(raw, config); !status.ok()) {
    return status;
  }
  if (flags.Given("print-config")) config.print = flags.Show();
  return config;
}

bool NeedsRestart(const Config& running, const Config& fresh) {
  const auto fixed = [](const Config& config) {
    return std::tie(
        config.http, config.host, config.port, config.backend,
        config.spawn_backend, config.local_data_dir, config.local_port,
        config.backend_arguments, config.authorization, config.public_url,
        config.admin_listen, config.drain_delay, config.drain_timeout);
  };
  return fixed(running) != fixed(fresh);
}

}  // namespace howdah::adapter

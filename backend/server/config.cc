#include "backend/server/config.h"

#include <boost/program_options.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backend/auth/toolset_policy.h"
#include "backend/aws/runner/cli_runner.h"
#include "proto/support/formats.h"
#include "proto/support/program_flags.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::server {
namespace {

namespace po = boost::program_options;

constexpr char kDefaultAddress[] = "127.0.0.1:50051";

constexpr char kIntroduction[] =
    R"(howdah-backend serves the Howdah API over gRPC: PostgreSQL clusters, roles and
databases under CloudNativePG, on the Kubernetes cluster of a kubeconfig.

  howdah-backend                                          on 127.0.0.1:50051
  howdah-backend --listen unix:/run/howdah/backend.sock   on a Unix socket
  howdah-backend --context staging --read-only            look, do not touch
  grpcurl -plaintext 127.0.0.1:50051 list                 what it serves)";

constexpr char kConclusion[] =
    R"(Aiven accounts are set up by the environment: AIVEN_TOKEN or AIVEN_TOKEN_FILE,
AIVEN_BASE_URL, AIVEN_PROJECT_NAME, AIVEN_ACCOUNTS (docs/aiven.md).

Logs and the audit trail are lines of JSON on stderr. SIGTERM and SIGINT drain:
health turns NOT_SERVING, calls are still taken for --drain-delay, running calls
finish, the exit status is 0; a second signal ends the delay. SIGHUP reads the
file of --config again and takes its log-level and read-only; a broken file
changes nothing. TLS files are read again whenever they change.)";

absl::Status BadFlag(absl::string_view message) {
  return support::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BAD_FLAG",
                               support::kHowdahDomain)
      .Message(message)
      .Build();
}

// Flags as they are written, before they are checked.
struct Flags {
  std::vector<std::string> listen;
  std::string kubeconfig, context, namespace_name, watch_namespaces,
      postgres_version;
  std::string admin_listen, tls_cert, tls_key, tls_client_ca, log_level,
      toolsets;
  int drain_delay = 0, drain_timeout = 0, workers = 0, queue = 0;
  std::string aws_cli, aws_policy, aws_endpoint_url, aws_cache;
  int aws_running = 0, aws_waiting = 0;
  bool several_replicas = false;
  bool read_only = false, insecure_anywhere = false, announce = false,
       exit_with_parent = false;
  AuthorizationFlags authorization;
};

void Describe(support::ProgramFlags& flags, Flags& f) {
  const auto text = [](std::string* to, const char* name) {
    return po::value(to)->value_name(name)->default_value("", "");
  };
  flags.Group("Kubernetes")
      .add_options()(
          "kubeconfig", text(&f.kubeconfig, "FILE"),
          "kubeconfig to use; default: KUBECONFIG, a pod's service account, "
          "~/.kube/config")("context", text(&f.context, "NAME"),
                            "context for calls that name none; default: the "
                            "kubeconfig's current")(
          "namespace", text(&f.namespace_name, "NAME"),
          "namespace for calls that name none; default: that of the context")(
          "watch-namespaces", text(&f.watch_namespaces, "A,B"),
          "keep only these in the watch cache, for a server that may see no "
          "others; "
          "default: all")(
          "several-replicas", po::bool_switch(&f.several_replicas),
          "other backends serve the same callers: read from Kubernetes what a "
          "caller may have written by another one (docs/replicas.md)")(
          "default-postgres-version",
          po::value(&f.postgres_version)->value_name("V")->default_value("16"),
          "version of new clusters that ask for none");
  flags.Group("Who may do what")
      .add_options()(
          "listen",
          po::value(&f.listen)->value_name("ADDR")->default_value(
              {kDefaultAddress}, kDefaultAddress),
          "host:port (port 0: any free one) or unix:/path; may be repeated")(
          "admin-listen", text(&f.admin_listen, "ADDR"),
          "tell probes and metrics there, over HTTP and to anybody: a port on "
          "loopback, or address:port; default: nowhere")(
          "tls-cert", text(&f.tls_cert, "FILE"),
          "certificate chain (PEM) for TCP addresses")(
          "tls-key", text(&f.tls_key, "FILE"),
          "private key (PEM) of --tls-cert")(
          "tls-client-ca", text(&f.tls_client_ca, "FILE"),
          "require client certificates signed by this authority (PEM)")(
          "insecure-listen-anywhere", po::bool_switch(&f.insecure_anywhere),
          "allow addresses beyond loopback without TLS")(
          "read-only", po::bool_switch(&f.read_only),
          "refuse every call that could change something")(
          "toolsets", text(&f.toolsets, "A,B"),
          "refuse every call that belongs to another toolset; default: all but "
          "aws, and aiven only with an account");
  DescribeAuthorization(flags, f.authorization);
  flags.Group("AWS (with --toolsets aws)")
      .add_options()(
          "aws-cli",
          po::value(&f.aws_cli)->value_name("FILE")->default_value("aws"),
          "the AWS CLI, by path or by name on PATH")(
          "aws-policy", text(&f.aws_policy, "FILE"),
          "rules on profiles, regions and commands (docs/aws.md)")(
          "aws-endpoint-url", text(&f.aws_endpoint_url, "URL"),
          "ask there instead of AWS, for emulators")(
          "aws-cache", text(&f.aws_cache, "DIR"),
          "keep there what the CLI says of itself; default: "
          "~/.cache/howdah/aws")(
          "aws-processes",
          po::value(&f.aws_running)->value_name("N")->default_value(8),
          "most AWS commands that run at once, some 80 MB each")(
          "aws-queue",
          po::value(&f.aws_waiting)->value_name("N")->default_value(100),
          "most AWS commands that wait; more are refused at once");
  flags.Group("How it runs")
      .add_options()("workers",
                     po::value(&f.workers)->value_name("N")->default_value(16),
                     "most calls that work at once")(
          "queue", po::value(&f.queue)->value_name("N")->default_value(1024),
          "most calls that wait for a worker; more are refused at once")(
          "drain-delay",
          po::value(&f.drain_delay)->value_name("SECONDS")->default_value(0),
          "how long after SIGTERM calls are still taken, for load balancers to "
          "notice that the server is not ready any more")(
          "drain-timeout",
          po::value(&f.drain_timeout)->value_name("SECONDS")->default_value(10),
          "how long running calls may go on after that")(
          "log-level",
          po::value(&f.log_level)->value_name("LEVEL")->default_value("info"),
          "debug, info, warning or error")(
          "announce", po::bool_switch(&f.announce),
          "print {\"listening\":[...]} on stdout when ready")(
          "exit-with-parent", po::bool_switch(&f.exit_with_parent),
          "end when the parent process ends");
  flags.OnlyOnCommandLine({"announce", "exit-with-parent"});
  flags.AddConfiguration(kIntroduction, kConclusion);
}

std::vector<std::string> NamesIn(absl::string_view list) {
  return absl::StrSplit(list, absl::ByAnyChar(" ,"), absl::SkipEmpty());
}

absl::Status CheckFlags(const Flags& f) {
  if (f.tls_cert.empty() != f.tls_key.empty()) {
    return BadFlag("--tls-cert and --tls-key belong together; give both.");
  }
  if (!f.tls_client_ca.empty() && f.tls_cert.empty()) {
    return BadFlag("--tls-client-ca needs --tls-cert and --tls-key.");
  }
  constexpr int kMostWorkers = 512;
  constexpr int kLongestQueue = 1'000'000;
  constexpr int kLongestDrain = 3600;
  if (f.workers < 1 || f.workers > kMostWorkers) {
    return BadFlag(absl::StrCat("--workers is a number from 1 to ",
                                kMostWorkers, ", got ", f.workers, "."));
  }
  if (f.queue < 0 || f.queue > kLongestQueue) {
    return BadFlag(absl::StrCat("--queue is a number from 0 to ", kLongestQueue,
                                ", got ", f.queue, "."));
  }
  for (const auto& [flag, seconds] :
       {std::pair("--drain-delay", f.drain_delay),
        std::pair("--drain-timeout", f.drain_timeout)}) {
    if (seconds >= 0 && seconds <= kLongestDrain) continue;
    return BadFlag(absl::StrCat(flag, " is 0 to ", kLongestDrain,
                                " seconds, got ", seconds, "."));
  }
  constexpr int kMostAwsProcesses = 256;
  if (f.aws_running < 1 || f.aws_running > kMostAwsProcesses) {
    return BadFlag(absl::StrCat("--aws-processes is a number from 1 to ",
                                kMostAwsProcesses, ", got ", f.aws_running,
                                "."));
  }
  if (f.aws_waiting < 0 || f.aws_waiting > kLongestQueue) {
    return BadFlag(absl::StrCat("--aws-queue is a number from 0 to ",
                                kLongestQueue, ", got ", f.aws_waiting, "."));
  }
  if (!f.aws_endpoint_url.empty() &&
      !absl::StartsWith(f.aws_endpoint_url, "http://") &&
      !absl::StartsWith(f.aws_endpoint_url, "https://")) {
    return BadFlag("--aws-endpoint-url begins with http:// or https://.");
  }
  if (!observability::ParseLogLevel(f.log_level)) {
    return BadFlag(
        absl::StrCat("--log-level is debug, info, warning or error, got \"",
                     f.log_level, "\"."));
  }
  if (!f.toolsets.empty() && auth::SplitToolsets(f.toolsets).empty()) {
    return BadFlag("--toolsets names no toolset; give some, or all.");
  }
  const auto& version = support::FormatFacts(mcp::v1::FORMAT_POSTGRES_VERSION);
  if (!version.matches(f.postgres_version)) {
    return BadFlag(absl::StrCat("--default-postgres-version is ",
                                version.expected, " such as ", version.example,
                                ", got \"", f.postgres_version, "\"."));
  }
  const auto& name = support::FormatFacts(mcp::v1::FORMAT_NAMESPACE);
  if (!f.namespace_name.empty() && !name.matches(f.namespace_name)) {
    return BadFlag(absl::StrCat("--namespace is ", name.expected, ", got \"",
                                f.namespace_name, "\"."));
  }
  for (const std::string& watched : NamesIn(f.watch_namespaces)) {
    if (name.matches(watched)) continue;
    return BadFlag(absl::StrCat("--watch-namespaces is a list of ",
                                name.expected, ", got \"", watched, "\"."));
  }
  return absl::OkStatus();
}

Config ToConfig(const Flags& f, const EnvironmentOf& environment) {
  Config config;
  config.server.net.addresses = f.listen;
  config.server.net.tls = {.certificate_file = f.tls_cert,
                           .key_file = f.tls_key,
                           .client_authority_file = f.tls_client_ca};
  config.server.net.insecure_anywhere = f.insecure_anywhere;
  config.server.executor = {.workers = static_cast<size_t>(f.workers),
                            .queue = static_cast<size_t>(f.queue)};
  config.server.policy.read_only = f.read_only;
  config.server.toolsets = auth::SplitToolsets(f.toolsets);
  config.server.environment = environment;
  config.kubernetes = {.kubeconfig = f.kubeconfig,
                       .context = f.context,
                       .namespace_name = f.namespace_name,
                       .watched_namespaces = NamesIn(f.watch_namespaces),
                       .several_replicas = f.several_replicas};
  config.aws = {.cli = f.aws_cli,
                .policy_file = f.aws_policy,
                .endpoint_url = f.aws_endpoint_url,
                .cache_directory = f.aws_cache,
                .most_running = static_cast<size_t>(f.aws_running),
                .most_waiting = static_cast<size_t>(f.aws_waiting)};
  config.default_postgres_version = f.postgres_version;
  config.admin_listen = f.admin_listen;
  config.drain_delay = absl::Seconds(f.drain_delay);
  config.drain_timeout = absl::Seconds(f.drain_timeout);
  config.log_level = *observability::ParseLogLevel(f.log_level);
  config.announce = f.announce;
  config.exit_with_parent = f.exit_with_parent;
  return config;
}

}  // namespace

absl::StatusOr<Config> ParseConfig(const std::vector<std::string>& arguments,
                                   const EnvironmentOf& environment) {
  Flags written;
  support::ProgramFlags flags("howdah-backend");
  Describe(flags, written);
  RETURN_IF_ERROR(flags.Read(arguments, environment));
  Config config;
  config.print = flags.Answer();
  if (!config.print.empty()) return config;
  RETURN_IF_ERROR(CheckFlags(written));
  config = ToConfig(written, environment);
  ASSIGN_OR_RETURN(config.aiven_accounts,
                   aiven::ReadAccountSettings(environment));
  ASSIGN_OR_RETURN(config.authorization,
                   CheckAuthorization(written.authorization));
  for (const std::string& name : aws::runner::KnownVariables()) {
    const std::string value = environment(name.c_str());
    if (!value.empty()) config.aws.environment[name] = value;
  }
  config.server.policy.scope_names = config.authorization.scope_names;
  config.server.policy.base_scopes = config.authorization.required_scopes;
  config.fixed = flags.Show({"log-level", "read-only"});
  if (flags.Given("print-config")) config.print = flags.Show();
  return config;
}

}  // namespace howdah::server

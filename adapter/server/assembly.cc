#include "adapter/server/assembly.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapter/mcp/admission.h"
#include "adapter/mcp/doors.h"
#include "adapter/mcp/sealed_state.h"
#include "adapter/mcp/server.h"
#include "adapter/mcp/toolsets.h"
#include "adapter/server/backend_process.h"
#include "adapter/server/backend_readiness.h"
#include "adapter/server/content.h"
#include "adapter/server/health_door.h"
#include "adapter/server/http_config.h"
#include "adapter/server/log.h"
#include "adapter/server/run_loop.h"
#include "adapter/tools/backend_token_verifier.h"
#include "adapter/transports/http_server.h"
#include "adapter/transports/stdio.h"
#include "adapter/upstream/backend_channel.h"
#include "adapter/upstream/counting_caller.h"
#include "adapter/upstream/shared_reads.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/signal_set.hpp"
#include "boost/asio/steady_timer.hpp"
#include "proto/support/admin_server.h"
#include "proto/support/metrics_text.h"
#include "proto/support/status_macros.h"
#include "proto/support/version.h"

namespace howdah::adapter {
namespace {

// All programs of the project are installed in one directory.
std::string ProgramDirectory() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error)
      .parent_path()
      .string();
}

absl::StatusOr<mcp::SealingKeys> ReadSealingKeys(const std::string& path) {
  std::ifstream in(path);
  const std::string text((std::istreambuf_iterator<char>(in)),
                         std::istreambuf_iterator<char>());
  if (!in.good() && !in.eof()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--state-key-file ", path, " cannot be read"));
  }
  absl::StatusOr<mcp::SealingKeys> keys = mcp::SealingKeys::FromText(text);
  if (keys.ok()) return keys;
  return absl::InvalidArgumentError(
      absl::StrCat("--state-key-file ", path, ": ", keys.status().message()));
}

// As doors have it: what is off by default and not asked for is not even in the
// catalogue.
mcp::Toolsets ToolsetsOf(const Config& config) {
  return mcp::SplitToolsets(absl::StrJoin(config.toolsets, ","));
}

// Whether callers may do now what the backend was told to refuse.
bool Widens(const Config& running, const Config& fresh) {
  if (running.read_only && !fresh.read_only) return true;
  const mcp::Toolsets before = ToolsetsOf(running);
  const mcp::Toolsets after = ToolsetsOf(fresh);
  return !before.empty() && mcp::NarrowToolsets(before, after) != after;
}

// Whether toolsets that are off by default would have to leave the catalogue.
bool TakesBackAll(const Config& running, const Config& fresh) {
  return !running.toolsets.empty() && ToolsetsOf(running).empty() &&
         fresh.toolsets.empty();
}

std::unique_ptr<BackendProcess> MakeBackend(boost::asio::io_context& io,
                                            const Config& config) {
  BackendProcessOptions options;
  options.program_directory = ProgramDirectory();
  options.backend_arguments = BackendFlags(config.authorization);
  options.backend_arguments.insert(options.backend_arguments.end(),
                                   config.backend_arguments.begin(),
                                   config.backend_arguments.end());
  // What the environment says of it is about this program.
  if (!absl::StrContains(absl::StrJoin(config.backend_arguments, " "),
                         "--admin-listen")) {
    options.backend_arguments.push_back("--admin-listen");
    options.backend_arguments.push_back("");
  }
  if (config.read_only) options.backend_arguments.push_back("--read-only");
  if (!config.toolsets.empty()) {
    options.backend_arguments.push_back("--toolsets");
    options.backend_arguments.push_back(absl::StrJoin(config.toolsets, ","));
  }
  options.local_data_dir = config.local_data_dir;
  options.local_port = config.local_port;
  return std::make_unique<BackendProcess>(io, std::move(options));
}

}  // namespace

// Declared from the inside out, so that destruction goes from the outside in.
class Assembly::Parts {
 public:
  explicit Parts(const Config& given) : config(given) {}

  absl::Status MakeUpstream();
  absl::Status MakeTools();
  absl::Status StartTransport();
  absl::Status StartHttp();
  absl::Status StartAdmin();
  void AdminPage(const std::string& path,
                 const support::AdminServer::Answer& answer);
  std::string Metrics() const;
  transports::HttpOptions MakeHttpOptions(const Config& from) const;
  mcp::DoorOptions MakeDoorOptions(const Config& from) const;
  // Calls the function once after that time.
  void After(absl::Duration pause, std::function<void()> wake);
  void Announce(const std::string& address);
  void ReloadOnSignal(const ConfigSource& source);
  absl::Status Reload(const absl::StatusOr<Config>& fresh);
  // A further signal does not wait for clients to go, nor the one after it for
  // answers under way.
  void StopSooner();
  // The first signal: says so and serves on for a while, or stops at once.
  void Leave();
  void Stop();

  const Config config;
  // The hint: one thread runs it.
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  std::unique_ptr<BackendProcess> backend;
  std::unique_ptr<upstream::BackendChannel> channel;
  // Where metrics are told: what is really sent.
  std::optional<upstream::CountingCaller> counted;
  // What everything here calls.
  std::optional<upstream::SharedReads> caller;
  std::map<std::string, uint64_t, std::less<>> requests;
  std::optional<BackendReadiness> readiness;
  std::unique_ptr<Content> content;
  std::optional<mcp::Server> server;
  std::optional<tools::BackendTokenVerifier> verifier;
  std::optional<mcp::AdmissionDoor> admission;
  std::unique_ptr<transports::MessageSink> door;
  std::optional<HealthDoor> health;
  std::optional<support::AdminServer> admin;
  bool stopping = false;
  // What the door for HTTP has now.
  mcp::DoorOptions offered;
  // The door, if it is for HTTP.
  mcp::HttpDoor* http_door = nullptr;
  std::optional<transports::StdioTransport> stdio;
  std::optional<transports::HttpTransport> http;
  boost::asio::signal_set signals{io, SIGTERM, SIGINT};
  boost::asio::signal_set reload_signal{io};
};

absl::Status Assembly::Parts::MakeUpstream() {
  std::string address = config.backend;
  if (config.spawn_backend) {
    backend = MakeBackend(io, config);
    RETURN_IF_ERROR(backend->Prepare());
    address = backend->address();
    // The local plane has to be asked for by a call: clients start servers just
    // to see what they offer. A backend alone has no side effects, so it comes
    // up while this program still does.
    if (config.local_data_dir.empty()) backend->Start();
  }
  ASSIGN_OR_RETURN(upstream::BackendAddress parsed,
                   upstream::ParseBackendAddress(address));
  channel = std::make_unique<upstream::BackendChannel>(io, std::move(parsed),
                                                       backend.get());
  upstream::UnaryCaller* sent = channel.get();
  if (!config.admin_listen.empty()) sent = &counted.emplace(*channel);
  caller.emplace(*sent, [this](std::function<void()> wake) {
    boost::asio::post(io, std::move(wake));
  });
  readiness.emplace(
      *caller, [this] { return backend == nullptr || backend->started(); });
  return absl::OkStatus();
}

absl::Status Assembly::Parts::MakeTools() {
  ContentOptions offer;
  offer.toolsets = config.toolsets;
  offer.environment = config.environment;
  offer.after = [this](absl::Duration pause, std::function<void()> wake) {
    After(pause, std::move(wake));
  };
  offer.may_list = [this] { return backend == nullptr || backend->started(); };
  ASSIGN_OR_RETURN(content, Content::Make(*caller, std::move(offer)));
  RETURN_IF_ERROR(content->CheckToolsets(config.toolsets));
  mcp::ServerInfo info;
  info.version = support::kVersion;
  mcp::ServerOptions options;
  if (counted) {
    options.on_request = [this](absl::string_view method) {
      const auto found = requests.find(method);
      ++(found == requests.end() ? requests[std::string(method)]
                                 : found->second);
    };
  }
  if (!config.state_key_file.empty()) {
    ASSIGN_OR_RETURN(options.sealing_keys,
                     ReadSealingKeys(config.state_key_file));
  }
  server.emplace(content->providers(), std::move(info), std::move(options));
  return absl::OkStatus();
}

void Assembly::Parts::After(absl::Duration pause, std::function<void()> wake) {
  auto timer = std::make_shared<boost::asio::steady_timer>(io);
  timer->expires_after(absl::ToChronoNanoseconds(pause));
  timer->async_wait(
      [timer, wake = std::move(wake)](boost::system::error_code error) {
        if (!error) wake();
      });
}

absl::Status Assembly::Parts::StartTransport() {
  if (config.http) return StartHttp();
  door = std::make_unique<mcp::StdioDoor>(*server, MakeDoorOptions(config));
  stdio.emplace(io, transports::StdioOptions(), *door);
  stdio->Start([this] { io.stop(); });
  return absl::OkStatus();
}

absl::Status Assembly::Parts::StartHttp() {
  if (!config.authorization.issuer.empty()) {
    mcp::AdmissionOptions options;
    options.public_url = config.public_url;
    options.tls = !config.http_only.tls.empty();
    options.failures = MakeDoorOptions(config).rate;
    verifier.emplace(*caller);
    admission.emplace(*verifier, options);
  }
  offered = MakeDoorOptions(config);
  auto made = std::make_unique<mcp::HttpDoor>(*server, offered);
  http_door = made.get();
  door = std::move(made);
  if (admission) admission->Guard(*door);
  transports::MessageSink* const outermost =
      admission ? static_cast<transports::MessageSink*>(&*admission)
                : door.get();
  health.emplace(*readiness, *outermost);
  http.emplace(io, MakeHttpOptions(config), *health);
  if (!config.admin_listen.empty()) RETURN_IF_ERROR(StartAdmin());
  ASSIGN_OR_RETURN(const std::string address, http->Start());
  Announce(address);
  return absl::OkStatus();
}

absl::Status Assembly::Parts::StartAdmin() {
  admin.emplace(io, [this](const std::string& path,
                           const support::AdminServer::Answer& answer) {
    AdminPage(path, answer);
  });
  ASSIGN_OR_RETURN(const std::string address,
                   admin->Start(config.admin_listen));
  Log("info", "admin listening", {{"address", address}});
  return absl::OkStatus();
}

void Assembly::Parts::AdminPage(const std::string& path,
                                const support::AdminServer::Answer& answer) {
  if (path == "/metrics") {
    return answer({.body = Metrics(),
                   .content_type = "text/plain; version=0.0.4; charset=utf-8"});
  }
  if (path != "/health/ready" && path != "/health/live") {
    return answer(support::AdminServer::NothingHere());
  }
  health->Probe(path, [answer](transports::Reply reply) {
    answer({.status = reply.status, .body = std::move(reply.body)});
  });
}

std::string Assembly::Parts::Metrics() const {
  support::MetricsText text;
  text.Family("howdah_mcp_requests_total", "counter",
              "Requests by method of the protocol.");
  for (const auto& [method, count] : requests) {
    text.Sample({{"method", method}}, static_cast<double>(count));
  }
  counted->TellMetrics(text);
  text.Process();
  return text.text();
}

transports::HttpOptions Assembly::Parts::MakeHttpOptions(
    const Config& from) const {
  transports::HttpOptions options;
  options.host = config.host;
  options.port = config.port;
  Apply(from.http_only, options);
  if (const std::string host = HostOfUrl(from.public_url); !host.empty()) {
    options.allowed_hosts.push_back(host);
  }
  options.probes_reach_sink = true;
  options.on_notice = [](bool good, absl::string_view sentence) {
    Log(good ? "info" : "error", sentence);
  };
  return options;
}

mcp::DoorOptions Assembly::Parts::MakeDoorOptions(const Config& from) const {
  mcp::DoorOptions options;
  options.read_only = from.read_only;
  options.toolsets = ToolsetsOf(from);
  // Tokens are for a door that others reach, perhaps through a proxy here.
  Apply(from.http_only,
        !IsLoopback(config.host) || !config.authorization.issuer.empty(),
        options);
  if (admission) {
    options.principal_of = [&admission = *admission](absl::string_view token) {
      return admission.PrincipalOf(token);
    };
  }
  return options;
}

void Assembly::Parts::ReloadOnSignal(const ConfigSource& source) {
  reload_signal.async_wait(
      [this, source](boost::system::error_code error, int) {
        if (error) return;
        const absl::Status done = Reload(source());
        if (done.ok()) {
          Log("info", "configuration read again");
        } else {
          Log("error", "configuration not taken; the last good one stays",
              {{"why", done.message()}});
        }
        ReloadOnSignal(source);
      });
}

// All or nothing: what can fail comes first.
absl::Status Assembly::Parts::Reload(const absl::StatusOr<Config>& fresh) {
  RETURN_IF_ERROR(fresh.status());
  if (NeedsRestart(config, *fresh)) {
    return absl::FailedPreconditionError(
        "flags other than those of access and limits have changed, which "
        "needs a restart");
  }
  if (config.spawn_backend && Widens(config, *fresh)) {
    return absl::FailedPreconditionError(
        "the backend was started with less than read-only and toolsets now "
        "allow, which needs a restart");
  }
  if (TakesBackAll(config, *fresh)) {
    return absl::FailedPreconditionError(
        "toolsets is no longer all, which needs a restart unless they are "
        "named");
  }
  RETURN_IF_ERROR(content->CheckToolsets(fresh->toolsets));
  std::optional<mcp::SealingKeys> keys;
  if (!fresh->state_key_file.empty()) {
    ASSIGN_OR_RETURN(keys, ReadSealingKeys(fresh->state_key_file));
  }
  RETURN_IF_ERROR(http->Reconfigure(MakeHttpOptions(*fresh)));
  const mcp::DoorOptions options = MakeDoorOptions(*fresh);
  http_door->Reconfigure(options);
  if (admission) admission->set_failures(options.rate);
  if (keys) server->set_sealing_keys(*std::move(keys));
  if (options.read_only != offered.read_only ||
      options.toolsets != offered.toolsets) {
    content->TellListsChanged();
  }
  offered = options;
  return absl::OkStatus();
}

void Assembly::Parts::Announce(const std::string& address) {
  const std::string url = absl::StrCat(
      config.http_only.tls.empty() ? "http://" : "https://", address, "/mcp");
  Log("info", "listening", {{"url", url}});
  if (!config.announce) return;
  std::printf("{\"listening\":[\"%s\"],\"url\":\"%s\"}\n", address.c_str(),
              url.c_str());
  std::fflush(stdout);
}

void Assembly::Parts::Leave() {
  if (!http.has_value() || config.drain_delay <= absl::ZeroDuration()) {
    return Stop();
  }
  Log("info", "draining");
  health->Leave();
  http->Leave();
  After(config.drain_delay, [this] { Stop(); });
}

void Assembly::Parts::StopSooner() {
  signals.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    if (stopping) return io.stop();
    Stop();
    StopSooner();
  });
}

void Assembly::Parts::Stop() {
  if (std::exchange(stopping, true)) return;
  server->WrapUp();
  if (stdio.has_value()) stdio->Stop();
  if (!http.has_value()) return;
  health->Leave();
  http_door->EndListening();
  http->Stop([this] { io.stop(); });
  After(config.drain_timeout, [this] {
    Log("warning", "requests under way were cut off");
    io.stop();
  });
}

Assembly::Assembly(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Assembly::~Assembly() = default;

absl::StatusOr<std::unique_ptr<Assembly>> Assembly::Make(const Config& config) {
  auto parts = std::make_unique<Parts>(config);
  RETURN_IF_ERROR(parts->MakeUpstream());
  RETURN_IF_ERROR(parts->MakeTools());
  return std::unique_ptr<Assembly>(new Assembly(std::move(parts)));
}

absl::Status Assembly::Run(const ConfigSource& source) {
  parts_->signals.async_wait(
      [parts = parts_.get()](boost::system::error_code error, int) {
        if (error) return;
        parts->Leave();
        parts->StopSooner();
      });
  if (parts_->config.http) {
    parts_->reload_signal.add(SIGHUP);
    parts_->ReloadOnSignal(source);
  }
  RETURN_IF_ERROR(parts_->StartTransport());
  RunLoop(parts_->io);
  return absl::OkStatus();
}

}  // namespace howdah::adapter

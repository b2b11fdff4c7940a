#include "adapter/server/backend_process.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapter/server/child_process.h"
#include "adapter/server/log.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/steady_timer.hpp"
#include "proto/support/status_details.h"
#include "simdjson.h"

namespace howdah::adapter {
namespace {

using boost::system::error_code;

constexpr absl::Duration kFirstDelay = absl::Milliseconds(100);
constexpr absl::Duration kLongestDelay = absl::Seconds(5);
constexpr char kBackend[] = "howdah-backend";
constexpr char kLocal[] = "howdah-local";
// A program that ran this long has not failed to start.
constexpr absl::Duration kStable = absl::Seconds(10);

absl::Status StartFailed(absl::string_view program, absl::string_view why) {
  return support::ErrorBuilder(absl::StatusCode::kUnavailable,
                               "BACKEND_START_FAILED", support::kMcpDomain)
      .Message(absl::StrCat(program, " could not be started: ", why,
                            ". Nothing was done. Repeat the call when that is "
                            "mended."))
      .With("program", program)
      .With("detail", why)
      .Build();
}

// A member of the JSON line that `howdah-local lease` prints.
std::string MemberOf(absl::string_view line, const char* name) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view text;
  if (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS ||
      root[name].get_string().get(text) != simdjson::SUCCESS) {
    return "";
  }
  return std::string(text);
}

}  // namespace

class BackendProcess::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, BackendProcessOptions options)
      : io_(io),
        options_(std::move(options)),
        restart_timer_(io),
        start_timer_(io) {}

  absl::Status Prepare();
  const std::string& address() const { return address_; }
  void WhenReady(std::function<void(absl::Status)> ready);
  void BeginSoon();
  bool started() const { return state_ != State::kIdle; }
  void Stop();

 private:
  using Child = std::unique_ptr<ChildProcess>;
  enum class State { kIdle, kDelayed, kLeasing, kStarting, kReady };

  void Begin();
  void Lease();
  void StartBackend();
  // Runs a program; false if that failed, and everybody has been told.
  bool Run(Child& child, const std::vector<std::string>& command,
           void (Impl::*on_line)(absl::string_view),
           void (Impl::*on_exit)(const std::string&));
  void OnLeaseLine(absl::string_view line);
  void OnLeaseExit(const std::string& how);
  void OnBackendLine(absl::string_view line);
  void OnBackendExit(const std::string& how);
  void OnStartTimeout();
  void Fail(const absl::Status& status);
  std::string Program(const char* name) const {
    return absl::StrCat(options_.program_directory, "/", name);
  }
  static std::string Why(const ChildProcess& child, const std::string& how);

  boost::asio::io_context& io_;
  const BackendProcessOptions options_;
  std::string directory_;
  std::string socket_;
  std::string address_;
  State state_ = State::kIdle;
  std::string kubeconfig_;
  Child lease_;
  Child backend_;
  int failures_ = 0;
  absl::Time started_ = absl::InfinitePast();
  absl::Time not_before_ = absl::InfinitePast();
  boost::asio::steady_timer restart_timer_;
  boost::asio::steady_timer start_timer_;
  std::vector<std::function<void(absl::Status)>> waiting_;
};

absl::Status BackendProcess::Impl::Prepare() {
  const char* runtime = getenv("XDG_RUNTIME_DIR");
  for (const char* parent : {runtime, "/tmp"}) {
    if (parent == nullptr || strlen(parent) > 60) continue;
    std::string pattern = absl::StrCat(parent, "/howdah-mcp-XXXXXX");
    if (mkdtemp(pattern.data()) == nullptr) continue;  // made with mode 0700
    directory_ = pattern;
    socket_ = absl::StrCat(directory_, "/backend.sock");
    address_ = absl::StrCat("unix:", socket_);
    return absl::OkStatus();
  }
  return absl::UnavailableError(
      absl::StrCat("no directory for the backend's socket can be made in "
                   "/tmp: ",
                   strerror(errno)));
}

void BackendProcess::Impl::WhenReady(std::function<void(absl::Status)> ready) {
  if (state_ == State::kReady) return ready(absl::OkStatus());
  waiting_.push_back(std::move(ready));
  if (state_ == State::kIdle) BeginSoon();
}

void BackendProcess::Impl::BeginSoon() {
  if (state_ != State::kIdle) return;
  const absl::Duration delay = not_before_ - absl::Now();
  if (delay <= absl::ZeroDuration()) return Begin();
  state_ = State::kDelayed;
  restart_timer_.expires_after(absl::ToChronoNanoseconds(delay));
  restart_timer_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (!error && self != nullptr) self->Begin();
  });
}

void BackendProcess::Impl::Begin() {
  start_timer_.expires_after(absl::ToChronoNanoseconds(options_.start_timeout));
  start_timer_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (!error && self != nullptr) self->OnStartTimeout();
  });
  if (options_.local_data_dir.empty() || lease_ != nullptr) {
    StartBackend();
  } else {
    Lease();
  }
}

bool BackendProcess::Impl::Run(Child& child,
                               const std::vector<std::string>& command,
                               void (Impl::*on_line)(absl::string_view),
                               void (Impl::*on_exit)(const std::string&)) {
  started_ = absl::Now();
  auto spawned = ChildProcess::Spawn(
      io_, command,
      {.on_line = [this,
                   on_line](absl::string_view line) { (this->*on_line)(line); },
       .on_exit =
           [this, on_exit](const std::string& how) { (this->*on_exit)(how); }});
  if (!spawned.ok()) {
    Fail(StartFailed(state_ == State::kLeasing ? kLocal : kBackend,
                     spawned.status().message()));
    return false;
  }
  child = *std::move(spawned);
  return true;
}

void BackendProcess::Impl::Lease() {
  state_ = State::kLeasing;
  std::vector<std::string> command = {Program(kLocal), "lease", "--data-dir",
                                      options_.local_data_dir,
                                      "--exit-with-parent"};
  if (options_.local_port >= 0) {
    command.insert(command.end(),
                   {"--port", absl::StrCat(options_.local_port)});
  }
  Run(lease_, command, &Impl::OnLeaseLine, &Impl::OnLeaseExit);
}

void BackendProcess::Impl::OnLeaseLine(absl::string_view line) {
  if (state_ != State::kLeasing) return;
  kubeconfig_ = MemberOf(line, "kubeconfig");
  if (kubeconfig_.empty()) return;
  // Where a person finds it: the port may have been any free one.
  Log("info", "the local plane serves",
      {{"kubernetes", MemberOf(line, "server")}, {"kubeconfig", kubeconfig_}});
  StartBackend();
}

void BackendProcess::Impl::StartBackend() {
  state_ = State::kStarting;
  unlink(socket_.c_str());
  std::vector<std::string> command = {Program(kBackend), "--listen", address_,
                                      "--announce", "--exit-with-parent"};
  if (!kubeconfig_.empty()) {
    command.insert(command.end(), {"--kubeconfig", kubeconfig_});
  }
  command.insert(command.end(), options_.backend_arguments.begin(),
                 options_.backend_arguments.end());
  Run(backend_, command, &Impl::OnBackendLine, &Impl::OnBackendExit);
}

void BackendProcess::Impl::OnBackendLine(absl::string_view /*line*/) {
  if (state_ != State::kStarting) return;
  state_ = State::kReady;
  start_timer_.cancel();
  for (auto& ready : std::exchange(waiting_, {})) ready(absl::OkStatus());
}

std::string BackendProcess::Impl::Why(const ChildProcess& child,
                                      const std::string& how) {
  const std::string words = child.last_words();
  return words.empty() ? absl::StrCat("it ", how)
                       : absl::StrCat("it ", how, " saying \"", words, "\"");
}

void BackendProcess::Impl::OnBackendExit(const std::string& how) {
  const std::string why = Why(*backend_, how);
  backend_ = nullptr;
  const bool was_ready = state_ == State::kReady;
  Log("warning", "the backend ended", {{"reason", why}});
  failures_ = absl::Now() - started_ > kStable ? 1 : failures_ + 1;
  // The first restart is at once.
  not_before_ =
      absl::Now() +
      (failures_ == 1 ? absl::ZeroDuration()
                      : std::min(kLongestDelay,
                                 kFirstDelay * (1 << std::min(failures_, 10))));
  if (!was_ready) return Fail(StartFailed(kBackend, why));
  state_ = State::kIdle;
  BeginSoon();
}

void BackendProcess::Impl::OnLeaseExit(const std::string& how) {
  const std::string why = Why(*lease_, how);
  lease_ = nullptr;
  kubeconfig_.clear();
  Log("warning", "the lease on the local plane ended", {{"reason", why}});
  // Without the lease the plane may go away; the next call begins anew.
  backend_ = nullptr;
  Fail(StartFailed(kLocal, why));
}

void BackendProcess::Impl::OnStartTimeout() {
  if (state_ != State::kLeasing && state_ != State::kStarting) return;
  const bool leasing = state_ == State::kLeasing;
  Child& child = leasing ? lease_ : backend_;
  const std::string why =
      Why(*child, absl::StrCat("was not ready within ",
                               absl::FormatDuration(options_.start_timeout)));
  child = nullptr;
  Fail(StartFailed(leasing ? kLocal : kBackend, why));
}

void BackendProcess::Impl::Fail(const absl::Status& status) {
  state_ = State::kIdle;
  start_timer_.cancel();
  for (auto& ready : std::exchange(waiting_, {})) ready(status);
}

void BackendProcess::Impl::Stop() {
  restart_timer_.cancel();
  start_timer_.cancel();
  waiting_.clear();
  backend_ = nullptr;
  lease_ = nullptr;
  if (directory_.empty()) return;
  unlink(socket_.c_str());
  rmdir(directory_.c_str());
}

BackendProcess::BackendProcess(boost::asio::io_context& io,
                               BackendProcessOptions options)
    : impl_(std::make_shared<Impl>(io, std::move(options))) {}

BackendProcess::~BackendProcess() { impl_->Stop(); }

absl::Status BackendProcess::Prepare() { return impl_->Prepare(); }
const std::string& BackendProcess::address() const { return impl_->address(); }
void BackendProcess::Start() { impl_->BeginSoon(); }

bool BackendProcess::started() const { return impl_->started(); }
void BackendProcess::WhenReady(std::function<void(absl::Status)> ready) {
  impl_->WhenReady(std::move(ready));
}

}  // namespace howdah::adapter

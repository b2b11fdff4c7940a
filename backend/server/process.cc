#include "backend/server/process.h"

#include <grpc/support/log.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "backend/observability/log.h"
#include "backend/server/start_code.h"
#include "google/protobuf/stubs/logging.h"
#include "proto/support/status_details.h"

namespace howdah::server {
namespace {

using observability::Log;
using observability::LogLevel;

// What a cancelled method may still take before the process ends without it.
constexpr absl::Duration kPatience = absl::Seconds(5);

sigset_t WaitedFor() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGHUP);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  return signals;
}

void LogOfGrpc(gpr_log_func_args* entry) {
  const LogLevel level = entry->severity == GPR_LOG_SEVERITY_ERROR
                             ? LogLevel::kWarning
                             : LogLevel::kDebug;
  Log(level, entry->message, {{"from", "grpc"}});
}

void LogOfProtobuf(google::protobuf::LogLevel severity, const char*, int,
                   const std::string& message) {
  const LogLevel level = severity >= google::protobuf::LOGLEVEL_ERROR
                             ? LogLevel::kWarning
                             : LogLevel::kDebug;
  Log(level, message, {{"from", "protobuf"}});
}

absl::Status EndWithParent() {
  const pid_t parent = ::getppid();
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // The parent may have gone before the kernel was asked to tell.
  if (::getppid() == parent && parent != 1) return absl::OkStatus();
  return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                               "PARENT_GONE", support::kHowdahDomain)
      .Message("The parent process has gone; nobody needs this server.")
      .Build();
}

void Announce(const Server& server) {
  std::string line = R"({"listening":[)";
  for (size_t i = 0; i < server.listening().size(); ++i) {
    if (i > 0) line += ",";
    observability::AppendJsonString(line, server.listening()[i]);
  }
  line += "]}\n";
  // Whoever reads this may have closed the pipe; that is no reason to end.
  [[maybe_unused]] const ssize_t written =
      ::write(STDOUT_FILENO, line.data(), line.size());
}

// All or nothing: a broken configuration changes nothing.
void Reload(const Config& running, const absl::StatusOr<Config>& fresh,
            Server& server) {
  if (!fresh.ok()) {
    Log(LogLevel::kError, "configuration not taken; the last good one stays",
        {{"why", fresh.status().message()}});
    return;
  }
  if (fresh->fixed != running.fixed) {
    Log(LogLevel::kError, "configuration not taken; the last good one stays",
        {{"why",
          "flags other than log-level and read-only have changed, which needs "
          "a restart"}});
    return;
  }
  observability::SetLogLevel(fresh->log_level);
  server.SetReadOnly(fresh->server.policy.read_only);
  Log(LogLevel::kInfo, "configuration read again");
}

// Ends the process if it is not destroyed in time.
class LastResort {
 public:
  explicit LastResort(absl::Duration patience)
      : thread_([this, patience] {
          std::unique_lock lock(mutex_);
          if (done_.wait_for(lock, absl::ToChronoMilliseconds(patience),
                             [this] { return stopped_; })) {
            return;
          }
          Log(LogLevel::kWarning, "methods ignored their cancellation");
          ::_exit(0);
        }) {}
  ~LastResort() {
    {
      std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    done_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace

absl::Status PrepareProcess(const Config& config) {
  // Debian's Abseil looks for deadlocks in every lock: a tenth of each call.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Large blocks, of lists of thousands, go back to the system when they are
  // freed. glibc would raise its threshold after the first and keep the others.
  ::mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
  observability::SetLogLevel(config.log_level);
  ::gpr_set_log_function(&LogOfGrpc);
  google::protobuf::SetLogHandler(&LogOfProtobuf);
  ::signal(SIGPIPE, SIG_IGN);
  // Inherited by all threads, so that only ServeUntilSignal gets them.
  const sigset_t signals = WaitedFor();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return config.exit_with_parent ? EndWithParent() : absl::OkStatus();
}

void ServeUntilSignal(const Config& config, Server& server,
                      const ConfigSource& source) {
  Log(LogLevel::kInfo, "serving",
      {{"listening", absl::StrJoin(server.listening(), " ")},
       {"read_only", config.server.policy.read_only}});
  ForgetStartCode();
  if (config.announce) Announce(server);

  const sigset_t signals = WaitedFor();
  int signal = 0;
  while (::sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    Reload(config, source(), server);
  }

  Log(LogLevel::kInfo, "draining",
      {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"},
       {"delay_seconds", absl::ToDoubleSeconds(config.drain_delay)},
       {"grace_seconds", absl::ToDoubleSeconds(config.drain_timeout)}});
  if (config.drain_delay > absl::ZeroDuration()) {
    server.Leave();
    sigset_t enough = signals;
    ::sigdelset(&enough, SIGHUP);
    const timespec delay = absl::ToTimespec(config.drain_delay);
    ::sigtimedwait(&enough, nullptr, &delay);
  }
  LastResort last_resort(config.drain_timeout + kPatience);
  server.Drain(config.drain_timeout);
  Log(LogLevel::kInfo, "drained");
}

}  // namespace howdah::server

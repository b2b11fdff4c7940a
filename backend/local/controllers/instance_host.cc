#include "backend/local/controllers/instance_host.h"

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "backend/local/controllers/liveness.h"
#include "backend/local/postgres/child_process.h"
#include "backend/local/postgres/errors.h"
#include "backend/local/postgres/ping.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

namespace fs = std::filesystem;
using postgres::InstanceFiles;

constexpr int kJobs = 4;
constexpr size_t kUidLetters = 8;
constexpr char kPortNote[] = "port";
constexpr absl::Duration kProbeTimeout = absl::Seconds(2);
constexpr absl::Duration kPingTimeout = absl::Seconds(1);
// A replica without its primary's WAL for so long will not catch up by itself.
constexpr absl::Duration kStallTime = absl::Seconds(45);
// A server that lived longer than this did not fail to start.
constexpr absl::Duration kStableTime = absl::Seconds(10);
constexpr absl::Duration kFastStop = absl::Seconds(60);

absl::Duration Backoff(int failures) {
  return std::min(
      absl::Milliseconds(500) * (1 << std::clamp(failures - 1, 0, 8)),
      absl::Seconds(30));
}

// What a server said last, for people who ask why it does not run.
std::string LastLogLine(const std::string& path, int64_t begin) {
  std::ifstream file(path);
  file.seekg(0, std::ios::end);
  auto size = static_cast<int64_t>(file.tellg());
  file.seekg(std::max(begin, size - 4096));
  std::string line, last;
  while (std::getline(file, line)) {
    for (const char* level : {"FATAL:", "PANIC:"}) {
      size_t at = line.find(level);
      if (at != std::string::npos) last = line.substr(at);
    }
  }
  return last;
}

}  // namespace

std::string ShortUid(const std::string& uid) {
  return uid.substr(0, kUidLetters);
}

// Guarded by the host's mutex, except `files`, which has one user at a time,
// and `cancelled`.
struct InstanceHost::Instance {
  Instance(InstanceId id, InstanceFiles files)
      : id(std::move(id)), files(std::move(files)) {}

  const InstanceId id;
  InstanceFiles files;
  std::atomic<bool> cancelled = false;
  int port = 0;
  pid_t pid = 0;
  bool job_runs = false;
  bool stopping = false;  // its end is wanted
  bool adopted = false;   // not started by this plane
  bool answered = false;  // since its start
  bool died = false;
  bool restart_asked = false;
  bool discard_asked = false;
  int failures = 0;  // of jobs and starts, in a row
  int failed_starts = 0;
  int starts = 0;
  int64_t log_begin = 0;  // what its last start has written begins here
  absl::Time started = absl::InfinitePast();
  absl::Time retry_at = absl::InfinitePast();
  absl::Time not_streaming_since = absl::InfiniteFuture();
  Liveness liveness;
  absl::Status last_error;
};

absl::StatusOr<std::unique_ptr<InstanceHost>> InstanceHost::Create(
    Options options) {
  ASSIGN_OR_RETURN(std::unique_ptr<postgres::ProcessWatcher> watcher,
                   postgres::ProcessWatcher::Create());
  RETURN_IF_ERROR(postgres::MakeDirectoryFor(options.user, options.root, 0700));
  RETURN_IF_ERROR(
      postgres::MakeDirectoryFor(options.user, options.socket_directory, 0700));
  return std::unique_ptr<InstanceHost>(
      new InstanceHost(std::move(options), std::move(watcher)));
}

InstanceHost::InstanceHost(Options options,
                           std::unique_ptr<postgres::ProcessWatcher> watcher)
    : options_(std::move(options)),
      watcher_(std::move(watcher)),
      jobs_(kJobs) {}

InstanceHost::~InstanceHost() {
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [id, instance] : instances_) instance->cancelled = true;
  }
  jobs_.Stop();
}

std::string InstanceHost::Directory(const ClusterId& cluster) const {
  return absl::StrCat(options_.root, "/", cluster.namespace_name, "/",
                      cluster.name, "-", cluster.uid);
}

std::vector<ClusterId> InstanceHost::ClustersOnDisk() const {
  std::vector<ClusterId> found;
  std::error_code error;
  for (const fs::directory_entry& ns :
       fs::directory_iterator(options_.root, error)) {
    if (ns.path().filename().string()[0] == '.') continue;  // sockets
    for (const fs::directory_entry& entry :
         fs::directory_iterator(ns.path(), error)) {
      std::string name = entry.path().filename().string();
      if (name.size() <= kUidLetters + 1) continue;
      size_t dash = name.size() - kUidLetters - 1;
      if (name[dash] != '-') continue;
      found.push_back({ns.path().filename().string(), name.substr(0, dash),
                       name.substr(dash + 1)});
    }
  }
  return found;
}

std::vector<std::string> InstanceHost::Instances(
    const ClusterId& cluster) const {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(Directory(cluster), error)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

std::shared_ptr<InstanceHost::Instance> InstanceHost::Find(
    const InstanceId& id) {
  std::shared_ptr<Instance> instance;
  {
    absl::MutexLock lock(&mutex_);
    auto it = instances_.find(id);
    if (it != instances_.end()) return it->second;
    instance = std::make_shared<Instance>(
        id, InstanceFiles(absl::StrCat(Directory(id.cluster), "/", id.name),
                          options_.user));
    std::optional<std::string> port = instance->files.ReadNote(kPortNote);
    if (port.has_value() && absl::SimpleAtoi(*port, &instance->port)) {
      ports_.Reserve(instance->port);
    }
    instances_[id] = instance;
  }
  Adopt(instance);
  return instance;
}

// A server that an earlier plane left running.
void InstanceHost::Adopt(const std::shared_ptr<Instance>& instance) {
  std::optional<pid_t> pid = instance->files.RunningServer();
  if (!pid.has_value()) return;
  {
    absl::MutexLock lock(&mutex_);
    instance->adopted = true;
    instance->started =
        instance->files.ServerStartTime().value_or(options_.now());
  }
  Watch(instance, *pid);
}

void InstanceHost::Watch(const std::shared_ptr<Instance>& instance, pid_t pid) {
  {
    absl::MutexLock lock(&mutex_);
    instance->pid = pid;
    instance->liveness.Heard();
    instance->stopping = false;
    instance->answered = false;
  }
  watcher_->Watch(pid, [this, instance, pid] { OnExit(instance, pid); });
}

void InstanceHost::OnExit(const std::shared_ptr<Instance>& instance,
                          pid_t pid) {
  {
    absl::MutexLock lock(&mutex_);
    if (instance->pid != pid) return;
    instance->pid = 0;
    // One that was dying when it was adopted tells nothing.
    if (!instance->stopping && (instance->answered || !instance->adopted)) {
      const bool was_stable = instance->answered &&
                              options_.now() - instance->started > kStableTime;
      instance->died = instance->answered;
      if (!instance->answered) ++instance->failed_starts;
      instance->failures = was_stable ? 0 : instance->failures + 1;
      if (instance->failures > 1 || !instance->answered) {
        instance->retry_at = options_.now() + Backoff(instance->failures);
      }
      std::string line =
          LastLogLine(instance->files.log_file(), instance->log_begin);
      instance->last_error =
          instance->answered
              ? absl::UnavailableError("the server ended unexpectedly")
              : postgres::CommandFailed("postgres", 1, line);
    }
  }
  options_.notify(instance->id.cluster);
}

absl::Status InstanceHost::Add(const InstanceId& id) {
  std::shared_ptr<Instance> instance = Find(id);
  RETURN_IF_ERROR(postgres::MakeDirectoryFor(
      options_.user,
      absl::StrCat(options_.root, "/", id.cluster.namespace_name), 0700));
  RETURN_IF_ERROR(
      postgres::MakeDirectoryFor(options_.user, Directory(id.cluster), 0700));
  return EnsurePort(id);
}

absl::Status InstanceHost::EnsurePort(const InstanceId& id) {
  std::shared_ptr<Instance> instance = Find(id);
  {
    absl::MutexLock lock(&mutex_);
    if (instance->port != 0 && postgres::IsFree(instance->port)) {
      return absl::OkStatus();
    }
  }
  ASSIGN_OR_RETURN(int port, ports_.Allocate());
  RETURN_IF_ERROR(instance->files.WriteNote(kPortNote, absl::StrCat(port)));
  absl::MutexLock lock(&mutex_);
  instance->port = port;
  return absl::OkStatus();
}

postgres::InstanceFiles& InstanceHost::Files(const InstanceId& id) {
  return Find(id)->files;
}

postgres::Endpoint InstanceHost::EndpointOf(const InstanceId& id) {
  std::shared_ptr<Instance> instance = Find(id);
  absl::MutexLock lock(&mutex_);
  return {options_.socket_directory, instance->port};
}

bool InstanceHost::IsStalled(
    Instance& instance, const std::optional<postgres::ServerState>& server) {
  const bool cut_off =
      server.has_value() && server->in_recovery && !server->receiving;
  if (!cut_off) {
    instance.not_streaming_since = absl::InfiniteFuture();
    return false;
  }
  const absl::Time now = options_.now();
  instance.not_streaming_since = std::min(instance.not_streaming_since, now);
  return now - instance.not_streaming_since > kStallTime;
}

InstanceFacts InstanceHost::Observe(const InstanceId& id,
                                    absl::Duration liveness_timeout) {
  std::shared_ptr<Instance> instance = Find(id);
  InstanceFacts facts;
  bool job_runs;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = options_.now();
    job_runs = instance->job_runs;
    facts.job_runs = job_runs;
    facts.failures = instance->failures;
    facts.busy = job_runs || now < instance->retry_at;
    facts.retry_in = std::max(absl::ZeroDuration(), instance->retry_at - now);
    facts.last_error = std::string(instance->last_error.message());
    facts.disk_full = absl::IsResourceExhausted(instance->last_error);
    facts.port = instance->port;
    facts.pid = instance->pid;
    facts.died = instance->died;
    facts.failed_starts = instance->failed_starts;
    facts.restarts = std::max(0, instance->starts - 1);
    facts.started = instance->started;
    facts.restart_asked = instance->restart_asked;
    facts.discard_asked = instance->discard_asked;
  }
  facts.has_data = instance->files.HasData();
  facts.standby_on_disk = instance->files.IsStandby();
  facts.follows = instance->files.Follows();
  if (facts.pid == 0) return facts;
  const postgres::Endpoint endpoint = {options_.socket_directory, facts.port};
  absl::StatusOr<postgres::ServerState> server =
      postgres::Probe(endpoint, kProbeTimeout);
  if (server.ok()) facts.server = *std::move(server);
  const bool alive =
      facts.server.has_value() || postgres::Ping(endpoint, kPingTimeout);
  absl::MutexLock lock(&mutex_);
  if (facts.server.has_value() && instance->pid == facts.pid) {
    instance->answered = true;
    instance->died = false;
    instance->failed_starts = 0;
    if (options_.now() - instance->started > kStableTime) {
      instance->failures = 0;
    }
    if (!job_runs) instance->last_error = absl::OkStatus();
  }
  const absl::Time now = options_.now();
  if (alive || instance->pid != facts.pid || instance->stopping) {
    instance->liveness.Heard();
  } else {
    instance->liveness.Silent(now);
  }
  facts.hangs = instance->liveness.Hangs(liveness_timeout, now);
  facts.stalled = IsStalled(*instance, facts.server);
  return facts;
}

void InstanceHost::Launch(const InstanceId& id, Job job) {
  std::shared_ptr<Instance> instance = Find(id);
  {
    absl::MutexLock lock(&mutex_);
    if (instance->job_runs) return;
    instance->job_runs = true;
  }
  jobs_.Run([this, instance, job = std::move(job)] {
    Finish(instance, job(instance->files, instance->cancelled));
  });
}

void InstanceHost::Finish(const std::shared_ptr<Instance>& instance,
                          const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    instance->job_runs = false;
    instance->last_error = status;
    if (status.ok()) {
      instance->failures = 0;
      instance->retry_at = absl::InfinitePast();
    } else {
      ++instance->failures;
      instance->retry_at = options_.now() + Backoff(instance->failures);
    }
  }
  options_.notify(instance->id.cluster);
}

absl::Status InstanceHost::Start(const InstanceId& id,
                                 const postgres::Installation& installation) {
  std::shared_ptr<Instance> instance = Find(id);
  instance->files.RotateLog();
  const int64_t log_begin = instance->files.LogSize();
  absl::StatusOr<pid_t> pid =
      instance->files.StartServer(installation, EndpointOf(id));
  {
    absl::MutexLock lock(&mutex_);
    instance->died = false;
    instance->adopted = false;
    instance->restart_asked = false;
    instance->log_begin = log_begin;
    instance->started = options_.now();
    ++instance->starts;
    if (!pid.ok()) {
      ++instance->failures;
      ++instance->failed_starts;
      instance->retry_at = options_.now() + Backoff(instance->failures);
      instance->last_error = pid.status();
    }
  }
  RETURN_IF_ERROR(pid.status());
  Watch(instance, *pid);
  return absl::OkStatus();
}

// Fast shutdown; when it hangs, an immediate one, which loses nothing either.
absl::Status InstanceHost::StopNow(const std::shared_ptr<Instance>& instance) {
  pid_t pid;
  {
    absl::MutexLock lock(&mutex_);
    pid = instance->pid;
    instance->stopping = true;
    instance->restart_asked = false;
  }
  if (pid == 0) return absl::OkStatus();
  auto gone = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return instance->pid != pid;
  };
  for (auto [signal_number, patience] :
       {std::pair(SIGINT, kFastStop), std::pair(SIGQUIT, absl::Seconds(10)),
        std::pair(SIGKILL, absl::Seconds(10))}) {
    kill(pid, signal_number);
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&gone), patience)) {
      return absl::OkStatus();
    }
  }
  return absl::DeadlineExceededError("the server does not end");
}

void InstanceHost::StopServer(const InstanceId& id) {
  std::shared_ptr<Instance> instance = Find(id);
  Launch(id, [this, instance](InstanceFiles&, const std::atomic<bool>&) {
    return StopNow(instance);
  });
}

void InstanceHost::Reload(const InstanceId& id) {
  std::shared_ptr<Instance> instance = Find(id);
  absl::MutexLock lock(&mutex_);
  if (instance->pid != 0) kill(instance->pid, SIGHUP);
}

void InstanceHost::Discard(const InstanceId& id) {
  std::shared_ptr<Instance> instance = Find(id);
  {
    absl::MutexLock lock(&mutex_);
    instance->cancelled = true;
    instance->stopping = true;
    if (instance->pid != 0) kill(instance->pid, SIGQUIT);
  }
  Launch(id, [this, instance](InstanceFiles& files, const std::atomic<bool>&) {
    RETURN_IF_ERROR(files.Remove());
    std::error_code ignored;  // fails while others are there, as it should
    fs::remove(Directory(instance->id.cluster), ignored);
    fs::remove(
        absl::StrCat(options_.root, "/", instance->id.cluster.namespace_name),
        ignored);
    absl::MutexLock lock(&mutex_);
    instances_.erase(instance->id);
    return absl::OkStatus();
  });
}

void InstanceHost::AskRestart(const InstanceId& id) {
  std::shared_ptr<Instance> instance = Find(id);
  absl::MutexLock lock(&mutex_);
  instance->restart_asked = true;
}

void InstanceHost::AskDiscard(const InstanceId& id) {
  std::shared_ptr<Instance> instance = Find(id);
  absl::MutexLock lock(&mutex_);
  instance->discard_asked = true;
}

void InstanceHost::StopAll() {
  std::vector<std::shared_ptr<Instance>> all;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [id, instance] : instances_) {
      instance->cancelled = true;
      all.push_back(instance);
    }
  }
  jobs_.Stop();
  std::vector<std::thread> stops;
  for (const std::shared_ptr<Instance>& instance : all) {
    stops.emplace_back([this, instance] { StopNow(instance).IgnoreError(); });
  }
  for (std::thread& stop : stops) stop.join();
}

int InstanceHost::Running() {
  absl::MutexLock lock(&mutex_);
  return std::count_if(instances_.begin(), instances_.end(),
                       [](const auto& item) { return item.second->pid != 0; });
}

}  // namespace howdah::local::controllers

// The PostgreSQL instances of this machine: their directories, ports and
// processes, and the jobs that run on them. Knows no Kubernetes objects.
//
//   host.Launch(id, "clone", [](InstanceFiles& files, const auto& cancelled) {
//     return files.CloneFrom(...);
//   });
//   InstanceFacts facts = host.Observe(id);   // has_data, running, busy, ...
//
// A directory is <root>/<namespace>/<cluster>-<first 8 of its uid>/<instance>,
// so a cluster made anew under an old name never meets the old data.
//
// Long, since all of it is transitions of one state, an instance's, under one
// mutex: what its end, its jobs and its answers make of each other.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_INSTANCE_HOST_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_INSTANCE_HOST_H_

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "backend/local/controllers/job_pool.h"
#include "backend/local/postgres/free_port.h"
#include "backend/local/postgres/instance_files.h"
#include "backend/local/postgres/process_watcher.h"
#include "backend/local/postgres/server_probe.h"

namespace howdah::local::controllers {

// The part of a uid that names directories.
std::string ShortUid(const std::string& uid);

// `uid` is short.
struct ClusterId {
  std::string namespace_name;
  std::string name;
  std::string uid;
  // NOLINTNEXTLINE(modernize-use-nullptr): not one, clang-tidy 14 errs.
  auto operator<=>(const ClusterId&) const = default;
};

struct InstanceId {
  ClusterId cluster;
  std::string name;
  // NOLINTNEXTLINE(modernize-use-nullptr): not one, clang-tidy 14 errs.
  auto operator<=>(const InstanceId&) const = default;
};

// What is known of an instance now.
struct InstanceFacts {
  bool busy = false;  // a job runs, or the next attempt has to wait
  absl::Duration retry_in;
  std::string last_error;  // of the last job or start; empty after a success
  bool disk_full = false;
  bool has_data = false;
  bool standby_on_disk = false;
  std::string follows;
  int port = 0;
  pid_t pid = 0;
  bool died = false;
  int failed_starts = 0;
  int failures = 0;  // of jobs and starts, in a row
  int restarts = 0;
  bool job_runs = false;
  absl::Time started;  // of the server
  bool stalled = false;
  bool hangs = false;
  bool restart_asked = false;
  bool discard_asked = false;
  std::optional<postgres::ServerState> server;  // if it answers
};

// Threads: safe. Owns: jobs and the knowledge of processes; the processes
// outlive it. Limits: four jobs at a time; a failed job or start is tried again
// after 0.5 s, doubling to 30 s.
class InstanceHost {
 public:
  struct Options {
    std::string root;
    std::string socket_directory;
    postgres::OsUser user;
    // Something changed in the cluster; called on any thread, must not block.
    std::function<void(const ClusterId&)> notify;
    std::function<absl::Time()> now;
  };
  static absl::StatusOr<std::unique_ptr<InstanceHost>> Create(Options options);
  ~InstanceHost();

  using Job = std::function<absl::Status(postgres::InstanceFiles&,
                                         const std::atomic<bool>& cancelled)>;

  // Uids (their first 8 letters) of clusters of that name that have data here.
  std::vector<ClusterId> ClustersOnDisk() const;
  std::vector<std::string> Instances(const ClusterId& cluster) const;

  absl::Status Add(const InstanceId& id);
  // A server silent for `liveness_timeout` hangs.
  InstanceFacts Observe(const InstanceId& id, absl::Duration liveness_timeout);
  // Runs a job unless one runs for it; cancelled by Discard and Stop.
  void Launch(const InstanceId& id, Job job);
  // For work that is quick; the caller is the only one for this cluster.
  postgres::InstanceFiles& Files(const InstanceId& id);
  postgres::Endpoint EndpointOf(const InstanceId& id);
  // Another port if its own was taken while it was down.
  absl::Status EnsurePort(const InstanceId& id);

  absl::Status Start(const InstanceId& id,
                     const postgres::Installation& installation);
  // Launches a clean stop.
  void StopServer(const InstanceId& id);
  // SIGHUP.
  void Reload(const InstanceId& id);
  // Launches the end of everything and the removal of the directory.
  void Discard(const InstanceId& id);

  void AskRestart(const InstanceId& id);
  void AskDiscard(const InstanceId& id);

  // Cancels jobs and stops all servers cleanly, at the same time.
  void StopAll();
  // How many servers run.
  int Running();

 private:
  struct Instance;
  explicit InstanceHost(Options options,
                        std::unique_ptr<postgres::ProcessWatcher> watcher);

  std::string Directory(const ClusterId& cluster) const;
  std::shared_ptr<Instance> Find(const InstanceId& id);
  void Adopt(const std::shared_ptr<Instance>& instance);
  void Watch(const std::shared_ptr<Instance>& instance, pid_t pid);
  void OnExit(const std::shared_ptr<Instance>& instance, pid_t pid);
  absl::Status StopNow(const std::shared_ptr<Instance>& instance);
  void Finish(const std::shared_ptr<Instance>& instance,
              const absl::Status& status);
  bool IsStalled(Instance& instance,
                 const std::optional<postgres::ServerState>& server);

  const Options options_;
  postgres::PortAllocator ports_;
  absl::Mutex mutex_;  // guards the map and every Instance's state
  std::map<InstanceId, std::shared_ptr<Instance>> instances_
      ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<postgres::ProcessWatcher> watcher_;
  JobPool jobs_;
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_INSTANCE_HOST_H_

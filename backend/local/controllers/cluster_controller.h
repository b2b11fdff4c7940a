// Makes real what a Cluster asks for, one look at a time: observe, plan, carry
// out, write down.
//
//   ClusterController clusters(environment);
//   absl::StatusOr<Again> again = clusters.Reconcile("default", "demo");
//
// Long work runs as jobs of the InstanceHost, which queue the cluster again.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_CONTROLLER_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_CONTROLLER_H_

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "backend/local/controllers/cluster_plan.h"
#include "backend/local/controllers/cluster_round.h"
#include "backend/local/controllers/cluster_writer.h"
#include "backend/local/controllers/environment.h"
#include "backend/local/controllers/instance_host.h"
#include "backend/local/controllers/service_ports.h"
#include "backend/local/controllers/work_queue.h"

namespace howdah::local::controllers {

// Threads: safe for different clusters; one call at a time for the same.
// Owns: nothing; everything that matters stands in the store or on disk.
class ClusterController {
 public:
  // The environment must outlive it.
  explicit ClusterController(Environment& environment);

  absl::StatusOr<Again> Reconcile(const std::string& namespace_name,
                                  const std::string& name);

 private:
  // Removes data of clusters of that name that are no more.
  Again RemoveOld(const std::string& namespace_name, const std::string& name,
                  const std::string& except_uid);
  void ChooseInstallation(ClusterRound& round);
  void Observe(ClusterRound& round);
  InstanceView ViewOf(ClusterRound& round, const InstanceId& id);
  absl::Status CarryOut(ClusterRound& round, const Step& step);
  absl::Status Start(ClusterRound& round, const InstanceId& id);
  void LaunchInitialSql(ClusterRound& round, const InstanceId& id);
  postgres::ServerSettings SettingsOf(const ClusterRound& round,
                                      const InstanceId& id);

  // What was seen when something changed last.
  struct Progress {
    std::string picture;
    absl::Time since;
  };
  absl::Duration NextLook(const ClusterRound& round);

  Environment& environment_;
  ServicePorts services_;
  ClusterWriter writer_;
  absl::Mutex mutex_;
  std::map<ClusterId, Progress> progress_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_CONTROLLER_H_

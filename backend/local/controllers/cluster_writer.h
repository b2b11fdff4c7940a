// Writes down what was seen of a cluster: Pods, volume claims, status, events;
// and notices when a user deleted one of them.
//
//   writer.NoticeDeletions(round);   // before looking
//   RETURN_IF_ERROR(writer.Write(round));
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_WRITER_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_WRITER_H_

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "backend/local/controllers/cluster_objects.h"
#include "backend/local/controllers/cluster_round.h"
#include "backend/local/controllers/environment.h"

namespace howdah::local::controllers {

// Threads: safe for different clusters. Owns: nothing but the memory of which
// objects it has seen, by which a deleted one differs from a new one.
class ClusterWriter {
 public:
  explicit ClusterWriter(Environment& environment);

  // A deleted Pod asks for a restart, a deleted claim for the removal of data.
  void NoticeDeletions(const ClusterRound& round);
  absl::Status Write(ClusterRound& round);

 private:
  absl::Status WritePod(const ClusterRound& round, const InstanceView& view);
  absl::Status WriteClaim(const ClusterRound& round, const InstanceView& view);
  absl::Status RemoveStale(const ClusterRound& round, const ResourceType& type,
                           const std::set<std::string>& kept);
  absl::Status WriteStatusOf(ClusterRound& round);
  void RecordEvents(const ClusterRound& round, const Json& old_status);
  PodState PodOf(const ClusterRound& round, const InstanceView& instance);
  bool IsNewFailure(const InstanceId& id, const InstanceFacts& facts);
  std::set<std::string> NamesOf(const ClusterRound& round,
                                const ResourceType& type);

  Environment& environment_;
  absl::Mutex mutex_;
  std::set<InstanceId> known_pods_ ABSL_GUARDED_BY(mutex_);
  std::set<InstanceId> known_claims_ ABSL_GUARDED_BY(mutex_);
  // The last one told of: how many in a row, and why.
  std::map<InstanceId, std::pair<int, std::string>> failures_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_WRITER_H_

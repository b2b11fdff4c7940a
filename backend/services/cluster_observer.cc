#include "backend/services/cluster_observer.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "backend/cnpg/health.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

// Phases that no waiting gets over. Others that look stuck are retried by the
// operator, for example while a webhook is down.
std::string DeadEnd(const cnpg::Cluster& cluster) {
  bool dead =
      cluster.phase == "Invalid cluster definition" ||
      cluster.phase == "Cluster is unrecoverable and needs manual intervention";
  if (!dead) return "";
  return cluster.phase_reason.empty()
             ? absl::StrCat(cluster.phase, ".")
             : absl::StrCat(cluster.phase, ": ", cluster.phase_reason, ".");
}

// The change itself was made.
absl::Status CannotBeSeen(const absl::Status& why) {
  absl::Status status(
      why.code(),
      absl::StrCat("The change was made and the work on it goes on, but how "
                   "far it is cannot be seen: ",
                   why.message()));
  why.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    status.SetPayload(type, payload);
  });
  return status;
}

}  // namespace

operations::Observed ObservedCluster(const cnpg::Cluster* cluster) {
  operations::Observed observed;
  if (cluster == nullptr) return observed;
  observed.exists = true;
  observed.uid = cluster->meta.uid;
  observed.deleting = cluster->meta.deleting;
  observed.wanted_instances = cluster->instances;
  observed.reported_instances = cluster->status_instances;
  observed.ready_instances = cluster->ready_instances;
  observed.has_primary = !cluster->current_primary.empty();
  const cnpg::Condition* initialized =
      cnpg::FindCondition(*cluster, "Initialized");
  observed.settled = cluster->phase == cnpg::kHealthyPhase &&
                     (initialized == nullptr || initialized->status != "False");
  observed.phase = cluster->phase;
  observed.phase_reason = cluster->phase_reason;
  observed.dead_end = DeadEnd(*cluster);
  return observed;
}

absl::StatusOr<operations::Observed> ClusterObserver::Observe(
    const operations::Condition& condition) {
  Plane* plane = planes_.Find(condition.context);
  if (plane == nullptr) {
    return absl::UnavailableError("the plane is not made yet");
  }
  if (absl::Status error = plane->clusters().cache().lasting_error();
      !error.ok()) {
    return CannotBeSeen(error);
  }
  auto snapshot = plane->clusters().cache().Get();
  if (snapshot == nullptr) {
    return absl::UnavailableError("the cache is not filled yet");
  }
  kubernetes::ObjectKey key{condition.namespace_name, condition.name};
  auto it = snapshot->objects.find(key);
  const cnpg::Cluster* cluster =
      it == snapshot->objects.end() ? nullptr : it->second.value.get();
  if (plane->clusters().IsBehind(*snapshot, key) ||
      ObjectReader<cnpg::Cluster>::IsBefore(*snapshot, key,
                                            condition.version)) {
    return absl::UnavailableError("the cache lacks a write of a replica");
  }
  return ObservedCluster(cluster);
}

absl::StatusOr<std::shared_ptr<void>> ClusterObserver::Subscribe(
    const operations::Condition& condition, std::function<void()> on_change) {
  ASSIGN_OR_RETURN(Plane * plane, planes_.Get(condition.context));
  plane->clusters().cache().Start();
  return plane->clusters().cache().Subscribe(std::move(on_change));
}

}  // namespace howdah::services

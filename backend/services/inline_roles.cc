#include "backend/services/inline_roles.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/cnpg/errors.h"
#include "backend/services/resource_patch.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

using Json = nlohmann::json;
using kubernetes::kClusters;
using kubernetes::ObjectKey;

// For a call without a deadline of its own.
constexpr absl::Duration kLongestQueueing = absl::Seconds(60);

}  // namespace

absl::StatusOr<cnpg::Cluster> InlineRoleEditor::Apply(
    Plane& plane, const ObjectKey& key, const cnpg::RoleEdit& edit,
    const cnpg::RoleChanges& changes, const Guard& guard, bool dry_run,
    const kubernetes::Call& call) {
  std::string name =
      absl::StrCat(plane.context(), "\n", key.namespace_name, "\n", key.name);
  std::unique_lock queue(
      queues_[std::hash<std::string>()(name) % queues_.size()],
      std::defer_lock);
  absl::Duration patience =
      std::min(call.deadline - absl::Now(), kLongestQueueing);
  if (!queue.try_lock_for(absl::ToChronoMilliseconds(patience))) {
    return absl::DeadlineExceededError(
        "The deadline passed while other changes of this cluster were under "
        "way. Nothing was changed.");
  }
  absl::StatusOr<cnpg::Cluster> result;
  for (int tries = 1;; ++tries) {
    result = TryOnce(plane, key, edit, changes, guard, dry_run, call);
    if (result.ok()) break;
    bool lost_race = support::ErrorReason(result.status()) == "CONFLICT";
    if (!lost_race || !Pause(tries, call)) break;
  }
  return result;
}

absl::StatusOr<cnpg::Cluster> InlineRoleEditor::TryOnce(
    Plane& plane, const ObjectKey& key, const cnpg::RoleEdit& edit,
    const cnpg::RoleChanges& changes, const Guard& guard, bool dry_run,
    const kubernetes::Call& call) {
  absl::StatusOr<Json> object = plane.api().Get(kClusters, key, call);
  if (absl::IsNotFound(object.status())) {
    return cnpg::ClusterNotFound(key.namespace_name, key.name);
  }
  if (!object.ok()) return object.status();
  ASSIGN_OR_RETURN(cnpg::Cluster cluster, cnpg::ReadCluster(JsonText(*object)));
  if (cluster.meta.deleting) {
    return cnpg::ClusterBeingDeleted(key.namespace_name, key.name);
  }
  RETURN_IF_ERROR(guard(cluster));

  Json roles = cnpg::EditRoles(*object, edit, changes);
  const Json before =
      object->value(Json::json_pointer("/spec/managed/roles"), Json::array());
  if (roles == before) return cluster;
  Json patch = {{"spec", {{"managed", {{"roles", std::move(roles)}}}}}};
  OnlyAtVersion(patch, cluster.meta.resource_version);
  ASSIGN_OR_RETURN(
      kubernetes::Written written,
      plane.api().Patch(kClusters, key, kubernetes::PatchType::kMerge, patch,
                        {.dry_run = dry_run}, call));
  ASSIGN_OR_RETURN(cnpg::Cluster after,
                   cnpg::ReadCluster(JsonText(written.object)));
  if (!dry_run) {
    plane.ledger().Wrote(kClusters.plural, key, after.meta.resource_version);
  }
  return after;
}

bool InlineRoleEditor::Pause(int tries, const kubernetes::Call& call) {
  uint8_t dice[2];
  random_(absl::MakeSpan(dice));
  double fraction = (dice[0] * 256 + dice[1]) / 65536.0;
  absl::Duration pause =
      absl::Milliseconds(5 << std::min(tries, 5)) * (0.5 + fraction);
  if (absl::Now() + pause >= call.deadline) return false;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, call.cancelled, absl::ToChronoMilliseconds(pause),
                [] { return false; });
  return !call.cancelled.stop_requested();
}

}  // namespace howdah::services

// ScaleCluster and DeleteCluster.
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/cnpg/errors.h"
#include "backend/cnpg/object_meta.h"
#include "backend/services/cluster_conversion.h"
#include "backend/services/cluster_service.h"
#include "backend/services/namespaces.h"
#include "backend/services/operation_conversion.h"
#include "backend/services/resource_patch.h"
#include "backend/services/role_secrets.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;
using kubernetes::kClusters;
using kubernetes::ObjectKey;
using operations::Condition;
using ClusterPointer = std::shared_ptr<const cnpg::Cluster>;

// A server may answer a patch without a version with a conflict too.
constexpr int kMostTries = 5;

std::string Who(const ObjectKey& key) {
  return absl::StrCat("Cluster ", key.namespace_name, "/", key.name);
}

std::string ScaleSummary(const ObjectKey& key, int32_t before, int32_t wanted,
                         bool dry_run) {
  if (before == wanted) {
    return absl::StrCat(Who(key), " is wanted with ", wanted,
                        wanted == 1 ? " instance" : " instances",
                        " already; nothing was changed.");
  }
  if (dry_run) {
    return absl::StrCat("Dry run: ", Who(key), " would be scaled from ", before,
                        " to ", wanted, " instances. Nothing was changed.");
  }
  return absl::StrCat(Who(key), " is being scaled from ", before, " to ",
                      wanted,
                      " instances; get_cluster_status tells when it is done.");
}

std::vector<std::string> LossesOf(const cnpg::Cluster& cluster,
                                  size_t secrets) {
  std::vector<std::string> losses;
  losses.push_back(
      absl::StrCat("all data of cluster ", cluster.meta.namespace_name, "/",
                   cluster.meta.name, ": ", cluster.instances,
                   cluster.instances == 1 ? " instance" : " instances",
                   " with ", cluster.storage_size, " of storage",
                   cluster.instances == 1 ? "" : " each"));
  if (secrets > 0) {
    losses.push_back(absl::StrCat(secrets, " role password Secret",
                                  secrets == 1 ? "" : "s"));
  }
  return losses;
}

// Goes on where an earlier call was cut off: the cluster is gone, Secrets of
// its roles are left.
absl::StatusOr<pb::DeleteClusterResponse> DeleteLeftovers(
    Plane& plane, const ObjectKey& key, const std::vector<RoleSecret>& secrets,
    const pb::DeleteClusterRequest& request, const kubernetes::Call& call) {
  if (secrets.empty()) {
    return cnpg::ClusterNotFound(key.namespace_name, key.name);
  }
  std::string left =
      absl::StrCat(secrets.size(), " left-over role password Secret",
                   secrets.size() == 1 ? "" : "s");
  pb::DeleteClusterResponse response;
  response.set_name(key.name);
  response.set_namespace_(key.namespace_name);
  response.add_losses(left);
  response.set_deleted_secrets(static_cast<int32_t>(secrets.size()));
  if (request.dry_run()) {
    response.set_dry_run(true);
    response.set_summary(absl::StrCat("Dry run: ", Who(key),
                                      " is gone already; ", left,
                                      " would be deleted."));
    return response;
  }
  if (!request.confirm_deletion()) {
    return cnpg::ConfirmationRequired(left, {left});
  }
  RETURN_IF_ERROR(DeleteSecrets(plane, secrets, call));
  response.set_summary(
      absl::StrCat(Who(key), " was gone already; deleted ", left, "."));
  return response;
}

}  // namespace

absl::StatusOr<pb::ScaleClusterResponse> ClusterService::ScaleCluster(
    const CallContext& context, const pb::ScaleClusterRequest& request) {
  ASSIGN_OR_RETURN(Plane * plane, planes_.Get(request.context()));
  ObjectKey key{NamespaceOf(request, *plane), request.name()};
  kubernetes::Call call = UpstreamCall(context);
  ASSIGN_OR_RETURN(ClusterPointer cluster,
                   plane->clusters().GetDirectly(key, call));
  if (cluster == nullptr) {
    return cnpg::ClusterNotFound(key.namespace_name, key.name);
  }
  if (cluster->meta.deleting) {
    return cnpg::ClusterBeingDeleted(key.namespace_name, key.name);
  }
  if (!request.etag().empty() &&
      request.etag() != cluster->meta.resource_version) {
    return cnpg::EtagMismatch("Cluster", key.name);
  }

  pb::ScaleClusterResponse response;
  int32_t before = cluster->instances;
  int32_t wanted = request.instances();
  response.set_previous_instances(before);
  response.set_dry_run(request.dry_run());
  response.set_summary(ScaleSummary(key, before, wanted, request.dry_run()));
  if (wanted < before) {
    response.add_warnings(absl::StrCat("Scaling down deletes ", before - wanted,
                                       before - wanted == 1
                                           ? " replica with its storage."
                                           : " replicas with their storage."));
  }
  if (before != wanted) {
    nlohmann::json patch = {{"spec", {{"instances", wanted}}}};
    OnlyAtVersion(patch, request.etag());
    KeepRequestId(patch, request.request_id());
    absl::StatusOr<kubernetes::Written> written;
    for (int i = 0; i < kMostTries; ++i) {
      written =
          plane->api().Patch(kClusters, key, kubernetes::PatchType::kMerge,
                             patch, {.dry_run = request.dry_run()}, call);
      if (!absl::IsAborted(written.status())) break;
      if (!request.etag().empty()) {
        return cnpg::EtagMismatch("Cluster", key.name);
      }
    }
    if (absl::IsNotFound(written.status())) {
      return cnpg::ClusterNotFound(key.namespace_name, key.name);
    }
    if (!written.ok()) return written.status();
    for (std::string& warning : written->warnings) {
      response.add_warnings(std::move(warning));
    }
    if (!request.dry_run()) {
      ASSIGN_OR_RETURN(cnpg::Cluster changed,
                       cnpg::ReadCluster(JsonText(written->object)));
      plane->ledger().Wrote(kClusters.plural, key,
                            changed.meta.resource_version);
      cluster = std::make_shared<const cnpg::Cluster>(std::move(changed));
    }
  }
  *response.mutable_cluster() = ToProto(*cluster, pb::DETAIL_LEVEL_CONCISE);
  if (!request.dry_run()) {
    *response.mutable_operation() =
        OperationNow(ConditionFor(Condition::Kind::kClusterScaled,
                                  plane->context(), *cluster, wanted, before),
                     cluster.get());
  }
  return response;
}

absl::StatusOr<pb::DeleteClusterResponse> ClusterService::DeleteCluster(
    const CallContext& context, const pb::DeleteClusterRequest& request) {
  ASSIGN_OR_RETURN(Plane * plane, planes_.Get(request.context()));
  ObjectKey key{NamespaceOf(request, *plane), request.name()};
  kubernetes::Call call = UpstreamCall(context);
  ASSIGN_OR_RETURN(ClusterPointer cluster,
                   plane->clusters().GetDirectly(key, call));
  ASSIGN_OR_RETURN(std::vector<RoleSecret> secrets,
                   ListOurSecrets(*plane, key, call));
  if (cluster == nullptr) {
    return DeleteLeftovers(*plane, key, secrets, request, call);
  }
  if (!request.etag().empty() &&
      request.etag() != cluster->meta.resource_version) {
    return cnpg::EtagMismatch("Cluster", key.name);
  }

  std::vector<std::string> losses = LossesOf(*cluster, secrets.size());
  pb::DeleteClusterResponse response;
  response.set_name(key.name);
  response.set_namespace_(key.namespace_name);
  response.set_deleted_secrets(static_cast<int32_t>(secrets.size()));
  for (const std::string& loss : losses) response.add_losses(loss);
  if (!request.dry_run() && !request.confirm_deletion()) {
    return cnpg::ConfirmationRequired(
        absl::StrCat("cluster ", key.namespace_name, "/", key.name), losses);
  }

  absl::Status deleted =
      plane->api().Delete(kClusters, key,
                          {.dry_run = request.dry_run(),
                           .uid = cluster->meta.uid,
                           .resource_version = request.etag()},
                          call);
  if (absl::IsAborted(deleted)) {
    return cnpg::EtagMismatch("Cluster", key.name);
  }
  // Somebody else was faster: that is what was wanted.
  if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;
  if (request.dry_run()) {
    response.set_dry_run(true);
    response.set_summary(absl::StrCat(
        "Dry run: ", Who(key),
        " would be deleted, for ever, with confirm_deletion=true. Nothing was "
        "changed."));
    return response;
  }
  plane->ledger().Deleted(kClusters.plural, key, cluster->meta.uid);
  RETURN_IF_ERROR(DeleteSecrets(*plane, secrets, call));

  Condition condition =
      ConditionFor(Condition::Kind::kClusterDeleted, plane->context(), *cluster,
                   0, static_cast<int32_t>(secrets.size()));
  ASSIGN_OR_RETURN(ClusterPointer left,
                   plane->clusters().GetDirectly(key, call));
  *response.mutable_operation() = OperationNow(condition, left.get());
  std::string with_secrets =
      secrets.empty()
          ? ""
          : absl::StrCat(" Deleted ", secrets.size(), " role password Secret",
                         secrets.size() == 1 ? "" : "s", " too.");
  response.set_summary(absl::StrCat(
      Who(key),
      response.operation().done() ? " is deleted." : " is being deleted.",
      with_secrets));
  return response;
}

}  // namespace howdah::services

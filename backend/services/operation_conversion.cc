#include "backend/services/operation_conversion.h"

#include "absl/strings/str_cat.h"
#include "backend/services/cluster_conversion.h"
#include "backend/services/cluster_observer.h"
#include "howdah/postgres/v1/cluster_service.pb.h"
#include "proto/support/status_details.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;
using operations::Condition;

std::string Who(const cnpg::Cluster& cluster) {
  return absl::StrCat("Cluster ", cluster.meta.namespace_name, "/",
                      cluster.meta.name);
}

std::string Count(int32_t instances) {
  return absl::StrCat(instances, instances == 1 ? " instance" : " instances");
}

// The response that the call would have given had it waited.
void PackResult(const Condition& condition, const cnpg::Cluster* cluster,
                howdah::operations::v1::Operation& operation) {
  // What the response says of the operation, which holds the response.
  const howdah::operations::v1::Operation done = operation;
  google::protobuf::Any& result = *operation.mutable_result();
  switch (condition.kind) {
    case Condition::Kind::kClusterReady: {
      if (cluster == nullptr) return operation.clear_result();
      pb::CreateClusterResponse response;
      response.set_summary(ReadySummary(*cluster));
      *response.mutable_cluster() = ToProto(*cluster, pb::DETAIL_LEVEL_CONCISE);
      *response.mutable_operation() = done;
      result.PackFrom(response);
      return;
    }
    case Condition::Kind::kClusterScaled: {
      if (cluster == nullptr) return operation.clear_result();
      pb::ScaleClusterResponse response;
      response.set_summary(ScaledSummary(*cluster, condition.detail));
      *response.mutable_cluster() = ToProto(*cluster, pb::DETAIL_LEVEL_CONCISE);
      response.set_previous_instances(condition.detail);
      *response.mutable_operation() = done;
      result.PackFrom(response);
      return;
    }
    case Condition::Kind::kClusterDeleted: {
      pb::DeleteClusterResponse response;
      response.set_summary(DeletedSummary(condition));
      response.set_name(condition.name);
      response.set_namespace_(condition.namespace_name);
      response.set_deleted_secrets(condition.detail);
      *response.mutable_operation() = done;
      result.PackFrom(response);
      return;
    }
  }
}

}  // namespace

Condition ConditionFor(Condition::Kind kind, absl::string_view context,
                       const cnpg::Cluster& cluster, int32_t instances,
                       int32_t detail) {
  Condition condition;
  condition.kind = kind;
  condition.context = std::string(context);
  condition.namespace_name = cluster.meta.namespace_name;
  condition.name = cluster.meta.name;
  condition.uid = cluster.meta.uid;
  condition.version = cluster.meta.resource_version;
  condition.instances = instances;
  condition.detail = detail;
  return condition;
}

howdah::operations::v1::Operation ToProto(
    const Condition& condition, const operations::Evaluation& evaluation,
    const cnpg::Cluster* cluster) {
  howdah::operations::v1::Operation proto;
  proto.set_name(operations::EncodeName(condition));
  proto.set_done(evaluation.done);
  proto.set_progress_percent(evaluation.progress_percent);
  proto.set_message(evaluation.message);
  if (!evaluation.error.ok()) {
    *proto.mutable_error() = support::ToProto(evaluation.error);
  } else if (evaluation.done) {
    PackResult(condition, cluster, proto);
  }
  return proto;
}

howdah::operations::v1::Operation OperationNow(const Condition& condition,
                                               const cnpg::Cluster* cluster) {
  return ToProto(condition,
                 operations::Evaluate(condition, ObservedCluster(cluster)),
                 cluster);
}

std::string ReadySummary(const cnpg::Cluster& cluster) {
  return absl::StrCat(Who(cluster), " is ready: ", cluster.ready_instances,
                      " of ", Count(cluster.instances), " ready, primary ",
                      cluster.current_primary, ".");
}

std::string ScaledSummary(const cnpg::Cluster& cluster, int32_t before) {
  return absl::StrCat(Who(cluster), " now has ", Count(cluster.instances),
                      " ready; it had ", before, ".");
}

std::string DeletedSummary(const Condition& condition) {
  std::string secrets;
  if (condition.detail > 0) {
    secrets = absl::StrCat(", with ", condition.detail, " role password Secret",
                           condition.detail == 1 ? "" : "s");
  }
  return absl::StrCat("Cluster ", condition.namespace_name, "/", condition.name,
                      " is deleted", secrets, ".");
}

}  // namespace howdah::services

#include "backend/services/cluster_conversion.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/cnpg/health.h"
#include "backend/services/timestamp_conversion.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;

pb::Health HealthProto(cnpg::Health health) {
  switch (health) {
    case cnpg::Health::kHealthy:
      return pb::HEALTH_HEALTHY;
    case cnpg::Health::kProgressing:
      return pb::HEALTH_PROGRESSING;
    case cnpg::Health::kDegraded:
      return pb::HEALTH_DEGRADED;
    case cnpg::Health::kUnhealthy:
      return pb::HEALTH_UNHEALTHY;
    case cnpg::Health::kHibernated:
      return pb::HEALTH_HIBERNATED;
    case cnpg::Health::kDeleting:
      return pb::HEALTH_DELETING;
  }
  return pb::HEALTH_UNSPECIFIED;
}

void AddProblems(std::vector<cnpg::Problem> problems, pb::Cluster& proto) {
  for (cnpg::Problem& problem : problems) {
    pb::Problem* item = proto.add_problems();
    item->set_severity(problem.critical ? pb::Problem::SEVERITY_CRITICAL
                                        : pb::Problem::SEVERITY_WARNING);
    item->set_reason(std::string(problem.reason));
    item->set_message(std::move(problem.message));
    item->set_advice(std::move(problem.advice));
  }
}

void AddEndpoints(const cnpg::Cluster& cluster, pb::Endpoints& endpoints) {
  const std::string& name = cluster.meta.name;
  endpoints.set_read_write_service(cluster.write_service.empty()
                                       ? absl::StrCat(name, "-rw")
                                       : cluster.write_service);
  if (!cluster.read_only_service_disabled) {
    endpoints.set_read_only_service(absl::StrCat(name, "-ro"));
  }
  if (!cluster.read_service_disabled) {
    endpoints.set_read_service(cluster.read_service.empty()
                                   ? absl::StrCat(name, "-r")
                                   : cluster.read_service);
  }
  endpoints.set_application_secret(cluster.application_secret);
}

void AddDetails(const cnpg::Cluster& cluster, pb::Cluster& proto) {
  proto.set_image(cluster.running_image.empty() ? cluster.image_name
                                                : cluster.running_image);
  for (const cnpg::InstanceState& instance : cluster.instance_states) {
    pb::Instance* item = proto.add_instance_details();
    item->set_name(instance.name);
    item->set_role(instance.primary ? "primary" : "replica");
    item->set_state(instance.state);
    item->set_timeline(instance.timeline);
  }
  for (const cnpg::Condition& condition : cluster.conditions) {
    pb::Condition* item = proto.add_conditions();
    item->set_type(condition.type);
    item->set_status(condition.status);
    item->set_reason(condition.reason);
    item->set_message(condition.message);
  }
  AddEndpoints(cluster, *proto.mutable_endpoints());
  for (const cnpg::ManagedRole& role : cluster.roles) {
    if (!role.absent) proto.add_managed_roles(role.name);
  }
  if (cluster.last_backup != absl::InfinitePast()) {
    SetTimestamp(cluster.last_backup, proto.mutable_last_backup_time());
  }
  proto.set_uid(cluster.meta.uid);
  proto.set_etag(cluster.meta.resource_version);
}

}  // namespace

pb::Cluster ToProto(const cnpg::Cluster& cluster,
                    pb::DetailLevel detail_level) {
  pb::Cluster proto;
  cnpg::HealthReport report = cnpg::Assess(cluster);
  proto.set_summary(std::move(report.summary));
  proto.set_name(cluster.meta.name);
  proto.set_namespace_(cluster.meta.namespace_name);
  proto.set_health(HealthProto(report.health));
  proto.set_phase(cluster.phase);
  proto.set_phase_reason(cluster.phase_reason);
  proto.set_instances(cluster.instances);
  proto.set_ready_instances(cluster.ready_instances);
  proto.set_ready(
      absl::StrCat(cluster.ready_instances, "/", cluster.instances));
  proto.set_primary(std::string(cnpg::WritingPrimary(cluster)));
  proto.set_postgres_version(cnpg::PostgresVersion(cluster));
  proto.set_storage_size(cluster.storage_size);
  proto.set_storage_class(cluster.storage_class);
  if (cluster.meta.created != absl::InfinitePast()) {
    SetTimestamp(cluster.meta.created, proto.mutable_create_time());
  }
  AddProblems(std::move(report.problems), proto);
  if (detail_level == pb::DETAIL_LEVEL_DETAILED) AddDetails(cluster, proto);
  return proto;
}

}  // namespace howdah::services

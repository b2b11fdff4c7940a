#include "backend/services/aiven_answers.h"

#include <memory>

#include "absl/strings/match.h"
#include "backend/aiven/errors.h"
#include "google/protobuf/descriptor.h"
#include "proto/support/status_details.h"

namespace howdah::services {

namespace pb = aiven::v1;

namespace {

void SetTime(absl::Time time, google::protobuf::Timestamp* (pb::Service::*at)(),
             pb::Service& service) {
  if (time != absl::InfinitePast()) SetTimestamp(time, (service.*at)());
}

template <typename Texts>
void AddAll(const Texts& texts,
            google::protobuf::RepeatedPtrField<std::string>& to) {
  for (const std::string& text : texts) *to.Add() = text;
}

void AddParts(const aiven::Service& service, pb::Service& proto) {
  for (const aiven::Node& node : service.nodes) {
    pb::Node& to = *proto.add_nodes();
    to.set_name(node.name);
    to.set_state(node.state);
    to.set_role(node.role);
    to.set_availability_zone(node.availability_zone);
    to.set_progress(node.progress);
  }
  for (const aiven::Endpoint& endpoint : service.endpoints) {
    pb::Endpoint& to = *proto.add_endpoints();
    to.set_component(endpoint.component);
    to.set_host(endpoint.host);
    to.set_port(static_cast<int32_t>(endpoint.port));
    to.set_route(endpoint.route);
    to.set_usage(endpoint.usage);
  }
  for (const aiven::ConnectionPool& pool : service.pools) {
    pb::ConnectionPool& to = *proto.add_connection_pools();
    to.set_pool_name(pool.name);
    to.set_database_name(pool.database);
    to.set_user_name(pool.user);
    to.set_mode(pool.mode);
    to.set_size(static_cast<int32_t>(pool.size));
  }
  for (const aiven::Integration& integration : service.integrations) {
    pb::Integration& to = *proto.add_integrations();
    to.set_integration_type(integration.type);
    to.set_source_service(integration.source_service);
    to.set_dest_service(integration.dest_service);
    to.set_active(integration.active);
  }
}

void AddDetails(const aiven::Service& service, pb::Service& proto) {
  SetTime(service.created, &pb::Service::mutable_create_time, proto);
  SetTime(service.updated, &pb::Service::mutable_update_time, proto);
  proto.set_node_cpu_count(static_cast<int32_t>(service.node_cpu_count));
  proto.set_node_memory_mb(service.node_memory_mb);
  proto.set_disk_space_mb(service.disk_space_mb);
  proto.set_project_vpc_id(service.vpc_id);
  pb::Maintenance& maintenance = *proto.mutable_maintenance();
  maintenance.set_day(service.maintenance_day);
  maintenance.set_time(service.maintenance_time);
  maintenance.set_enabled(service.maintenance_enabled);
  for (const aiven::Update& update : service.updates) {
    pb::Update& to = *maintenance.add_updates();
    to.set_description(update.description);
    to.set_impact(update.impact);
    if (update.deadline != absl::InfinitePast()) {
      SetTimestamp(update.deadline, to.mutable_deadline());
    }
  }
  AddParts(service, proto);
  AddAll(service.users, *proto.mutable_users());
  AddAll(service.databases, *proto.mutable_databases());
  AddAll(service.settings, *proto.mutable_settings());
  AddAll(service.notices, *proto.mutable_notices());
}

}  // namespace

absl::StatusOr<std::string> ProjectOf(const aiven::Account& account,
                                      absl::string_view named) {
  if (!named.empty()) return std::string(named);
  if (account.default_project().empty()) return aiven::ProjectMissing();
  return account.default_project();
}

void AivenSources::Miss(absl::string_view project, absl::string_view service,
                        const absl::Status& error) {
  pb::Missing& missing = missing_.emplace_back();
  missing.set_project_name(std::string(project));
  missing.set_service_name(std::string(service));
  missing.set_reason(support::ErrorReason(error));
  missing.set_message(std::string(error.message()));
}

pb::AnswerSource AivenSources::ToProto() const {
  pb::AnswerSource source;
  source.set_account(account_.name());
  source.set_api(account_.base_url());
  source.set_sandbox(account_.is_sandbox());
  if (oldest_ != absl::InfiniteFuture()) {
    const absl::Duration age =
        std::max(absl::ZeroDuration(), account_.Now() - oldest_);
    source.set_age_seconds(static_cast<int32_t>(absl::ToInt64Seconds(age)));
  }
  for (const pb::Missing& missing : missing_) *source.add_missing() = missing;
  return source;
}

std::string AivenSources::Caveats() const {
  std::string text;
  if (account_.is_sandbox()) {
    text += " This is the local sandbox: the fleet is invented.";
  }
  if (!missing_.empty()) {
    absl::StrAppend(&text, " ", Counted(missing_.size(), "part"),
                    " could not be read; source.missing says why.");
  }
  return text;
}

std::vector<std::string> TagTexts(const aiven::Tags& tags) {
  std::vector<std::string> texts;
  for (const auto& [key, value] : tags) {
    texts.push_back(absl::StrCat(key, "=", value));
  }
  return texts;
}

pb::Service ToProto(const aiven::FleetRow& row, pb::DetailLevel level) {
  const aiven::Service& service = *row.service;
  pb::Service proto;
  proto.set_project_name(service.project);
  proto.set_service_name(service.name);
  proto.set_service_type(service.type);
  proto.set_state(service.state);
  proto.set_plan(service.plan);
  proto.set_tier(static_cast<pb::PlanTier>(service.tier));
  proto.set_cloud_name(service.cloud);
  proto.set_region(service.region);
  proto.set_version(service.version);
  proto.set_node_count(static_cast<int32_t>(service.node_count));
  proto.set_pending_updates(static_cast<int32_t>(service.updates.size()));
  SetTime(row.end_of_life, &pb::Service::mutable_end_of_life_time, proto);
  AddAll(TagTexts(service.tags), *proto.mutable_tags());
  proto.set_termination_protection(service.termination_protection);
  if (level == pb::DETAIL_LEVEL_DETAILED) AddDetails(service, proto);
  return proto;
}

std::string ShapeOf(const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> shape(request.New());
  shape->CopyFrom(request);
  for (const char* name : {"page_token", "page_size", "refresh"}) {
    if (const auto* field = shape->GetDescriptor()->FindFieldByName(name)) {
      shape->GetReflection()->ClearField(shape.get(), field);
    }
  }
  return shape->GetTypeName() + shape->SerializeAsString();
}

const char* PeriodText(pb::Period period) {
  switch (period) {
    case pb::PERIOD_DAY:
      return "day";
    case pb::PERIOD_WEEK:
      return "week";
    case pb::PERIOD_MONTH:
      return "month";
    case pb::PERIOD_YEAR:
      return "year";
    default:
      return "hour";
  }
}

std::string Counted(size_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun,
                      count == 1 || absl::EndsWith(noun, "s") ? "" : "s");
}

}  // namespace howdah::services

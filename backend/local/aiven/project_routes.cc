// Projects and what is the same for all of them: clouds, types, plans,
// versions.
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/local/aiven/api_error.h"
#include "backend/local/aiven/catalogue.h"
#include "backend/local/aiven/representation.h"
#include "backend/local/aiven/seeded_fleet.h"
#include "backend/local/aiven/world.h"
#include "proto/support/status_macros.h"

namespace howdah::local::aiven {
namespace {

const char* RoleOf(const Account& caller) {
  return caller.access == Access::kReadOnly ? "read_only" : "admin";
}

absl::StatusOr<Json> Me(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  Json projects = Json::array(), membership = Json::object(),
       memberships = Json::object();
  for (const auto& [name, project] : world.fleet.projects) {
    if (!call.caller.IsMemberOf(name)) continue;
    projects.push_back(name);
    membership[name] = RoleOf(call.caller);
    memberships[name] = Json::array({RoleOf(call.caller)});
  }
  return Json{{"user",
               {{"user", kDemoUser},
                {"user_id", "u3a4b5c6d7e"},
                {"real_name", "Ada Example"},
                {"state", "active"},
                {"auth", Json::array({"token"})},
                {"invitations", Json::array()},
                {"projects", std::move(projects)},
                {"project_membership", std::move(membership)},
                {"project_memberships", std::move(memberships)}}}};
}

absl::StatusOr<Json> ListProjects(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  Json projects = Json::array(), membership = Json::object(),
       memberships = Json::object();
  for (const auto& [name, project] : world.fleet.projects) {
    if (!call.caller.IsMemberOf(name)) continue;
    projects.push_back(ProjectJson(project));
    membership[name] = RoleOf(call.caller);
    memberships[name] = Json::array({RoleOf(call.caller)});
  }
  return Json{{"projects", std::move(projects)},
              {"project_membership", std::move(membership)},
              {"project_memberships", std::move(memberships)}};
}

absl::StatusOr<Json> GetProject(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  return Json{
      {"project", ProjectJson(world.fleet.projects.at(call.project()))}};
}

absl::StatusOr<Json> ProjectTags(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  return Json{{"tags", world.fleet.projects.at(call.project()).tags}};
}

absl::StatusOr<Json> ReplaceProjectTags(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  Project& project = world.fleet.projects.at(call.project());
  ASSIGN_OR_RETURN(project.tags, ChangedTags({}, call.body));
  return Json{{"message", "updated"}};
}

absl::StatusOr<Json> PatchProjectTags(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  Project& project = world.fleet.projects.at(call.project());
  ASSIGN_OR_RETURN(project.tags, ChangedTags(project.tags, call.body));
  return Json{{"message", "updated"}};
}

absl::StatusOr<Json> ListEvents(World& world, const Call& call) {
  int64_t limit = 1000;
  if (auto it = call.query.find("limit"); it != call.query.end()) {
    if (!absl::SimpleAtoi(it->second, &limit) || limit < 1) {
      return InvalidInput("'limit' is not a positive number");
    }
  }
  absl::MutexLock lock(&world.mutex);
  Json events = Json::array();
  const std::vector<Event>& all = world.fleet.events;
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    if (it->project != call.project()) continue;
    if (static_cast<int64_t>(events.size()) >= limit) break;
    events.push_back(EventJson(*it));
  }
  return Json{{"events", std::move(events)}};
}

// Alerts of the services that telemetry lets stand out.
absl::StatusOr<Json> ListAlerts(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  auto only = call.path.find("service");
  if (only != call.path.end()) {
    RETURN_IF_ERROR(FindService(world, call).status());
  }
  Json alerts = Json::array();
  for (const Service* service : world.fleet.ServicesOf(call.project())) {
    if (only != call.path.end() && only->second != service->name) continue;
    if (service->name != "shop-logs-prod") continue;
    alerts.push_back(
        {{"create_time", TimeText(world.fleet.started - absl::Hours(5))},
         {"event", "user_alert_resource_usage_disk"},
         {"severity", "warning"},
         {"project_name", service->project},
         {"service_name", service->name},
         {"service_type", service->type},
         {"node_name", NodeNames(*service).front()}});
  }
  return Json{{"alerts", std::move(alerts)}};
}

absl::StatusOr<Json> ProjectCa(World& world, const Call&) {
  return Json{{"certificate", world.ca_pem}};
}

absl::StatusOr<Json> ListClouds(World&, const Call&) {
  Json clouds = Json::array();
  for (const Cloud& cloud : Clouds()) clouds.push_back(CloudJson(cloud));
  return Json{{"clouds", std::move(clouds)}};
}

absl::StatusOr<Json> ListVersions(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  Json versions = Json::array();
  for (const ServiceVersion& version : ServiceVersions()) {
    versions.push_back(VersionJson(version, world.fleet, call.now));
  }
  return Json{{"service_versions", std::move(versions)}};
}

Json TypeJson(const ServiceType& type) {
  return {{"description", type.description},
          {"default_version", type.default_version},
          {"latest_available_version", type.default_version},
          {"user_config_schema", Json::object()}};
}

Json PlansOf(const std::string& type) {
  Json plans = Json::array();
  for (const Plan& plan : Plans()) {
    if (plan.service_type == type) plans.push_back(PlanJson(plan));
  }
  return plans;
}

absl::StatusOr<Json> ListTypes(World&, const Call&) {
  Json types = Json::object();
  for (const ServiceType& type : ServiceTypes()) {
    types[type.name] = TypeJson(type);
  }
  return types;
}

absl::StatusOr<Json> ListTypesWithPlans(World&, const Call&) {
  Json types = Json::object();
  for (const ServiceType& type : ServiceTypes()) {
    types[type.name] = TypeJson(type);
    types[type.name]["service_plans"] = PlansOf(type.name);
  }
  return Json{{"service_types", std::move(types)}};
}

absl::StatusOr<const ServiceType*> TypeOf(const Call& call) {
  const ServiceType* type = FindServiceType(call.path.at("type"));
  if (type == nullptr) return NotFound("Service type");
  return type;
}

absl::StatusOr<const Plan*> PlanOf(const Call& call) {
  ASSIGN_OR_RETURN(const ServiceType* type, TypeOf(call));
  const Plan* plan = FindPlan(type->name, call.path.at("plan"));
  if (plan == nullptr) return NotFound("Service plan");
  return plan;
}

absl::StatusOr<Json> GetType(World&, const Call& call) {
  ASSIGN_OR_RETURN(const ServiceType* type, TypeOf(call));
  return TypeJson(*type);
}

absl::StatusOr<Json> ListPlans(World&, const Call& call) {
  ASSIGN_OR_RETURN(const ServiceType* type, TypeOf(call));
  return Json{{"service_plans", PlansOf(type->name)}};
}

absl::StatusOr<Json> GetPlan(World&, const Call& call) {
  ASSIGN_OR_RETURN(const Plan* plan, PlanOf(call));
  return PlanSpecJson(*plan);
}

absl::StatusOr<Json> GetPrice(World&, const Call& call) {
  ASSIGN_OR_RETURN(const Plan* plan, PlanOf(call));
  const Cloud* cloud = FindCloud(call.path.at("cloud"));
  if (cloud == nullptr) return NotFound("Cloud");
  return PriceJson(*plan, *cloud);
}

}  // namespace

std::vector<Route> ProjectRoutes() {
  constexpr Permission kRead = Permission::kProjectsRead;
  // Aiven asks for it to list clouds and plans too.
  constexpr Permission kWrite = Permission::kServicesWrite;
  const std::string project = "/v1/project/{project}";
  const std::string type = project + "/service-types/{type}";
  return {
      {"GET", "/v1/me", Permission::kNone, Me},
      {"GET", "/v1/clouds", Permission::kNone, ListClouds, true},
      {"GET", "/v1/service_versions", Permission::kNone, ListVersions, true},
      {"GET", "/v1/project", kRead, ListProjects},
      {"GET", project, kRead, GetProject},
      {"GET", project + "/tags", kRead, ProjectTags},
      {"PUT", project + "/tags", kWrite, ReplaceProjectTags},
      {"PATCH", project + "/tags", kWrite, PatchProjectTags},
      {"GET", project + "/events", Permission::kAuditLogsRead, ListEvents},
      {"GET", project + "/alerts", kRead, ListAlerts},
      {"GET", project + "/service/{service}/alerts", Permission::kServicesRead,
       ListAlerts},
      {"GET", project + "/kms/ca", kRead, ProjectCa},
      {"GET", project + "/clouds", kWrite, ListClouds},
      {"GET", project + "/service_types", kRead, ListTypesWithPlans},
      {"GET", project + "/service-types", kRead, ListTypes},
      {"GET", type, kRead, GetType},
      {"GET", type + "/plans", kWrite, ListPlans},
      {"GET", type + "/plans/{plan}", kRead, GetPlan},
      {"GET",
       project + "/pricing/service-types/{type}/plans/{plan}/clouds/{cloud}",
       kRead, GetPrice},
  };
}

}  // namespace howdah::local::aiven

// Services: list, read, create, change, power, delete, tags, backups.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/local/aiven/api_error.h"
#include "backend/local/aiven/catalogue.h"
#include "backend/local/aiven/representation.h"
#include "backend/local/aiven/seeded_fleet.h"
#include "backend/local/aiven/world.h"
#include "proto/support/status_macros.h"
#include "re2/re2.h"

namespace howdah::local::aiven {
namespace {

void Record(World& world, const Call& call, const Service& service,
            std::string type, std::string description)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(world.mutex) {
  world.fleet.Record({"", call.now, service.project, kDemoUser, std::move(type),
                      std::move(description), service.name});
}

Json Envelope(World& world, const Call& call, const Service& service,
              bool with_secrets) ABSL_EXCLUSIVE_LOCKS_REQUIRED(world.mutex) {
  return Json{
      {"service", ServiceJson(service, world.fleet, {call.now, with_secrets})}};
}

absl::StatusOr<Json> ListServices(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  Json services = Json::array();
  for (const Service* service : world.fleet.ServicesOf(call.project())) {
    services.push_back(ServiceJson(*service, world.fleet, {call.now, false}));
  }
  return Json{{"services", std::move(services)}};
}

// Who asks for the secrets wants to connect: only now a server is started.
absl::Status StartServer(World& world, const Call& call) {
  Service record;
  {
    absl::MutexLock lock(&world.mutex);
    ASSIGN_OR_RETURN(Service * service, FindService(world, call));
    if (!world.databases->Serves(service->type) ||
        StateAt(*service, call.now) != ServiceState::kRunning) {
      return absl::OkStatus();
    }
    record = *service;
  }
  ASSIGN_OR_RETURN(int port, world.databases->Serve(record));
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  service->port = port;
  return absl::OkStatus();
}

absl::StatusOr<Json> GetService(World& world, const Call& call) {
  auto flag = call.query.find("include_secrets");
  bool with_secrets = flag != call.query.end() && flag->second == "true";
  if (with_secrets) {
    RETURN_IF_ERROR(call.caller.Require(Permission::kSecretsRead));
    RETURN_IF_ERROR(StartServer(world, call));
  }
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  return Envelope(world, call, *service, with_secrets);
}

absl::Status CheckMaintenance(const Json& json) {
  static const auto* const kDays = new std::vector<std::string>{
      "monday", "tuesday",  "wednesday", "thursday",
      "friday", "saturday", "sunday",    "never"};
  RETURN_IF_ERROR(CheckFields(json, {{"dow"}, {"time"}}));
  std::string day = json.value("dow", "sunday");
  if (std::find(kDays->begin(), kDays->end(), day) == kDays->end()) {
    return InvalidInput(absl::StrCat("'", day, "' is not one of the days"));
  }
  return absl::OkStatus();
}

void SetMaintenance(const Json& json, Service& service) {
  service.maintenance_day = json.value("dow", service.maintenance_day);
  service.maintenance_time = json.value("time", service.maintenance_time);
}

absl::Status CheckCloud(const std::string& cloud) {
  if (FindCloud(cloud) != nullptr) return absl::OkStatus();
  return InvalidInput(absl::StrCat("cloud '", cloud, "' does not exist"));
}

// The version that the user's configuration names.
std::string VersionIn(const Service& service, const std::string& otherwise) {
  auto it = service.user_config.find(service.type + "_version");
  if (it == service.user_config.end()) return otherwise;
  return it->is_string() ? it->get<std::string>() : it->dump();
}

absl::StatusOr<Service> NewService(World& world, const Call& call)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(world.mutex) {
  static const RE2 kNameRule("[a-z][a-z0-9-]{0,63}");
  const Json& body = call.body;
  Service service;
  service.project = call.project();
  service.name = body["service_name"];
  service.type = body["service_type"];
  service.plan = body["plan"];
  if (!RE2::FullMatch(service.name, kNameRule)) return InvalidServiceName();
  const ServiceType* type = FindServiceType(service.type);
  if (type == nullptr || FindPlan(service.type, service.plan) == nullptr) {
    return InvalidPlan(service.plan, service.type);
  }
  const Project& project = world.fleet.projects.at(call.project());
  service.cloud = body.value("cloud", project.default_cloud);
  RETURN_IF_ERROR(CheckCloud(service.cloud));
  if (world.fleet.Find(service.project, service.name) != nullptr) {
    return ServiceNameTaken();
  }
  service.created = service.updated = call.now;
  service.transition =
      Transition{ServiceState::kRebuilding, call.now, world.build_time};
  service.user_config = body.value("user_config", Json::object());
  service.version = VersionIn(service, type->default_version);
  if (FindVersion(service.type, service.version) == nullptr) {
    return InvalidInput(
        absl::StrCat("there is no version '", service.version, "'"));
  }
  service.disk_space_mb = body.value("disk_space_mb", 0);
  service.termination_protection = body.value("termination_protection", false);
  FillDefaults(service, world.secret, call.now);
  if (body.contains("tags")) {
    ASSIGN_OR_RETURN(service.tags, ChangedTags({}, {{"tags", body["tags"]}}));
  }
  if (body.contains("maintenance")) {
    RETURN_IF_ERROR(CheckMaintenance(body["maintenance"]));
    SetMaintenance(body["maintenance"], service);
  }
  if (body.contains("project_vpc_id") && body["project_vpc_id"].is_string()) {
    service.vpc_id = body["project_vpc_id"].get<std::string>();
  }
  return service;
}

absl::StatusOr<Json> CreateService(World& world, const Call& call) {
  RETURN_IF_ERROR(
      CheckFields(call.body, {{"service_name", FieldType::kText, true},
                              {"service_type", FieldType::kText, true},
                              {"plan", FieldType::kText, true},
                              {"cloud"},
                              {"group_name"},
                              {"project_vpc_id", FieldType::kText, false, true},
                              {"disk_space_mb", FieldType::kInteger},
                              {"copy_tags", FieldType::kFlag},
                              {"termination_protection", FieldType::kFlag},
                              {"maintenance", FieldType::kObject},
                              {"tags", FieldType::kObject},
                              {"user_config", FieldType::kObject},
                              {"service_integrations", FieldType::kArray},
                              {"static_ips", FieldType::kArray},
                              {"tech_emails", FieldType::kArray}}));
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service made, NewService(world, call));
  made.port = world.databases->PortFor(made);
  Service& service = world.fleet.services[{made.project, made.name}] =
      std::move(made);
  Record(world, call, service, "service_create",
         absl::StrCat("Created service '", service.name, "' with plan '",
                      service.plan, "' in cloud '", service.cloud, "'"));
  return Envelope(world, call, service, false);
}

// Checks all before anything is changed.
absl::Status CheckUpdate(const Service& service, const Json& body) {
  RETURN_IF_ERROR(
      CheckFields(body, {{"plan"},
                         {"cloud"},
                         {"powered", FieldType::kFlag},
                         {"disk_space_mb", FieldType::kInteger},
                         {"karapace", FieldType::kFlag},
                         {"schema_registry_authz", FieldType::kFlag},
                         {"termination_protection", FieldType::kFlag},
                         {"project_vpc_id", FieldType::kText, false, true},
                         {"group_name"},
                         {"disaster_recovery_role"},
                         {"maintenance", FieldType::kObject},
                         {"user_config", FieldType::kObject},
                         {"tech_emails", FieldType::kArray}}));
  if (body.contains("plan")) {
    std::string plan = body["plan"];
    if (FindPlan(service.type, plan) == nullptr) {
      return InvalidPlan(plan, service.type);
    }
  }
  if (body.contains("cloud")) RETURN_IF_ERROR(CheckCloud(body["cloud"]));
  if (body.contains("maintenance")) {
    RETURN_IF_ERROR(CheckMaintenance(body["maintenance"]));
  }
  bool is_protected =
      body.value("termination_protection", service.termination_protection);
  if (is_protected && !body.value("powered", true)) return Protected();
  return absl::OkStatus();
}

// A change of machines, which takes its time.
void Rebuild(World& world, const Call& call, Service& service)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(world.mutex) {
  ServiceState state = service.type == "kafka" ? ServiceState::kRebalancing
                                               : ServiceState::kRebuilding;
  service.transition = Transition{state, call.now, world.build_time};
}

void ApplyUpdate(World& world, const Call& call, Service& service)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(world.mutex) {
  const Json& body = call.body;
  std::string plan = body.value("plan", service.plan);
  std::string cloud = body.value("cloud", service.cloud);
  if (plan != service.plan || cloud != service.cloud) {
    service.disk_space_mb = FindPlan(service.type, plan)->disk_space_mb;
    service.plan = plan;
    service.cloud = cloud;
    Rebuild(world, call, service);
  }
  service.termination_protection =
      body.value("termination_protection", service.termination_protection);
  service.disk_space_mb = body.value("disk_space_mb", service.disk_space_mb);
  if (body.contains("maintenance")) {
    SetMaintenance(body["maintenance"], service);
  }
  // Merged key by key; what is not named stays.
  if (body.contains("user_config")) {
    for (const auto& [name, value] : body["user_config"].items()) {
      service.user_config[name] = value;
    }
  }
  if (body.contains("project_vpc_id")) {
    service.vpc_id.reset();
    if (body["project_vpc_id"].is_string()) {
      service.vpc_id = body["project_vpc_id"].get<std::string>();
    }
  }
  bool powered = body.value("powered", service.powered);
  if (powered && !service.powered) Rebuild(world, call, service);
  if (powered != service.powered) {
    Record(world, call, service,
           powered ? "service_poweron" : "service_poweroff",
           absl::StrCat("Powered ", powered ? "on" : "off", " service '",
                        service.name, "'"));
  }
  service.powered = powered;
  service.updated = call.now;
}

absl::StatusOr<Json> UpdateService(World& world, const Call& call) {
  Json answer;
  std::optional<Service> powered_off;
  {
    absl::MutexLock lock(&world.mutex);
    ASSIGN_OR_RETURN(Service * service, FindService(world, call));
    RETURN_IF_ERROR(CheckUpdate(*service, call.body));
    ApplyUpdate(world, call, *service);
    if (!service->powered) powered_off = *service;
    Record(world, call, *service, "service_update",
           absl::StrCat("Updated service '", service->name, "'"));
    answer = Envelope(world, call, *service, false);
  }
  if (powered_off.has_value()) world.databases->PowerOff(*powered_off);
  return answer;
}

absl::StatusOr<Json> DeleteService(World& world, const Call& call) {
  Service gone;
  {
    absl::MutexLock lock(&world.mutex);
    ASSIGN_OR_RETURN(Service * service, FindService(world, call));
    if (service->termination_protection) return Protected();
    gone = *service;
    Record(world, call, gone, "service_delete",
           absl::StrCat("Deleted service '", gone.name, "'"));
    world.fleet.services.erase({gone.project, gone.name});
  }
  world.databases->Remove(gone);
  return Json{{"message", "deleted"}};
}

absl::StatusOr<Json> GetTags(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  return Json{{"tags", service->tags}};
}

absl::StatusOr<Json> ReplaceTags(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  ASSIGN_OR_RETURN(service->tags, ChangedTags({}, call.body));
  return Json{{"message", "updated"}};
}

absl::StatusOr<Json> PatchTags(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  ASSIGN_OR_RETURN(service->tags, ChangedTags(service->tags, call.body));
  return Json{{"message", "updated"}};
}

absl::StatusOr<Json> ListBackups(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  return BackupsJson(*service, call.now);
}

}  // namespace

absl::StatusOr<Tags> ChangedTags(Tags tags, const Json& body) {
  static const RE2 kNameRule("[A-Za-z][A-Za-z0-9_:-]{0,63}");
  constexpr size_t kMaxValue = 64, kMaxTags = 25;
  RETURN_IF_ERROR(CheckFields(body, {{"tags", FieldType::kObject, true}}));
  for (const auto& [name, value] : body["tags"].items()) {
    if (!RE2::FullMatch(name, kNameRule)) {
      return InvalidInput(absl::StrCat("tag '", name, "' is not valid"));
    }
    if (value.is_null() && tags.count(name) > 0) {
      tags.erase(name);
      continue;
    }
    if (!value.is_string()) {
      return InvalidInput(absl::StrCat("'", name, "' is not of type 'string'"));
    }
    tags[name] = value.get<std::string>();
    if (tags[name].size() > kMaxValue) {
      return InvalidInput(
          absl::StrCat("the value of '", name, "' is too long"));
    }
  }
  if (tags.size() > kMaxTags) return InvalidInput("there are too many tags");
  return tags;
}

absl::StatusOr<Service*> FindService(World& world, const Call& call) {
  Service* service = world.fleet.Find(call.project(), call.service());
  if (service == nullptr) return ServiceDoesNotExist(call.service());
  return service;
}

absl::StatusOr<Service*> FindPoweredService(World& world, const Call& call) {
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  if (!service->powered) return NotPowered();
  return service;
}

std::vector<Route> ServiceRoutes() {
  const std::string services = "/v1/project/{project}/service";
  const std::string service = services + "/{service}";
  constexpr Permission kRead = Permission::kServicesRead;
  constexpr Permission kWrite = Permission::kServicesWrite;
  // Aiven asks for it for reads too.
  constexpr Permission kConfigure = Permission::kConfigurationWrite;
  return {
      {"GET", services, kRead, ListServices},
      {"POST", services, kWrite, CreateService},
      {"GET", service, kRead, GetService},
      {"PUT", service, kWrite, UpdateService},
      {"DELETE", service, kWrite, DeleteService},
      {"GET", service + "/tags", kConfigure, GetTags},
      {"PUT", service + "/tags", kConfigure, ReplaceTags},
      {"PATCH", service + "/tags", kConfigure, PatchTags},
      {"GET", service + "/backups", kConfigure, ListBackups},
  };
}

}  // namespace howdah::local::aiven

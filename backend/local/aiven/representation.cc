#include "backend/local/aiven/representation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace howdah::local::aiven {
namespace {

// How long before a version's end services carry a notice.
constexpr absl::Duration kNoticeTime = absl::Hours(24 * 180);
constexpr char kEndOfLifeArticle[] =
    "https://aiven.io/docs/platform/reference/eol-for-major-versions";

bool HasRoles(const Service& service) {
  return service.type == "pg" || service.type == "mysql" ||
         service.type == "valkey";
}

int NodeCount(const Service& service) {
  const Plan* plan = FindPlan(service.type, service.plan);
  return plan == nullptr ? 1 : plan->node_count;
}

bool IsLocalDatabase(const Service& service) { return service.port != 0; }

std::string HostOf(const Service& service) {
  if (IsLocalDatabase(service)) return "127.0.0.1";
  // A name that never resolves: nothing listens behind it.
  return absl::StrCat(service.name, "-", service.project,
                      ".aiven-sandbox.invalid");
}

int PortOf(const Service& service) {
  if (IsLocalDatabase(service)) return service.port;
  return 10000 + static_cast<int>(StableHash(service.name) % 20000);
}

std::string SchemeOf(const Service& service) {
  if (service.type == "pg") return "postgres";
  if (service.type == "valkey") return "valkeys";
  if (service.type == "mysql") return "mysql";
  return "https";
}

const ServiceUser* PrimaryUser(const Service& service) {
  for (const ServiceUser& user : service.users) {
    if (user.is_primary) return &user;
  }
  return nullptr;
}

std::string Uri(const Service& service, const std::string& user,
                const std::string& password, const std::string& path) {
  std::string uri = absl::StrCat(SchemeOf(service), "://", user, ":", password,
                                 "@", HostOf(service), ":", PortOf(service));
  if (!path.empty()) absl::StrAppend(&uri, "/", path, "?sslmode=require");
  return uri;
}

Json NodeStates(const Service& service, absl::Time now) {
  Json nodes = Json::array();
  ServiceState state = StateAt(service, now);
  if (state == ServiceState::kPowerOff) return nodes;
  double done = 1;
  if (state != ServiceState::kRunning) {
    done = absl::FDivDuration(now - service.transition->start,
                              service.transition->length);
  }
  static constexpr const char* kZones[] = {"a", "b", "c"};
  std::vector<std::string> names = NodeNames(service);
  for (size_t i = 0; i < names.size(); ++i) {
    Json node = {
        {"name", names[i]},
        {"state", "running"},
        {"availability_zone", absl::StrCat(service.cloud, kZones[i % 3])},
        {"progress_updates", Json::array()}};
    std::string role = NodeRole(service, static_cast<int>(i));
    if (!role.empty()) node["role"] = role;
    if (done < 0.3) {
      node["state"] = "setting_up_vm";
    } else if (done < 1) {
      node["state"] = "syncing_data";
      node["progress_updates"] = {
          {{"completed", true}, {"phase", "prepare"}},
          {{"completed", false},
           {"phase", "basebackup"},
           {"min", 0},
           {"max", 1 << 30},
           {"current", static_cast<int64_t>(done * (1 << 30))},
           {"unit", "bytes_uncompressed"}}};
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

Json Notifications(const Service& service, const Fleet& fleet, absl::Time now) {
  Json notices = Json::array();
  std::optional<absl::Time> end = EndOfLife(service, fleet.started);
  if (end.has_value() && *end - now < kNoticeTime) {
    const ServiceVersion* version = FindVersion(service.type, service.version);
    notices.push_back(
        {{"type", "service_end_of_life"},
         {"level", *end <= now ? "warning" : "notice"},
         {"message",
          absl::StrCat("Service version ", service.version,
                       " reaches its end of life on ", TimeText(*end))},
         {"metadata",
          {{"service_end_of_life_time", TimeText(*end)},
           {"upgrade_to_version", version->upgrade_to},
           {"upgrade_to_service_type", service.type},
           {"end_of_life_help_article_url", kEndOfLifeArticle},
           {"end_of_life_policy_url", kEndOfLifeArticle}}}});
  }
  if (!service.powered) {
    notices.push_back(
        {{"type", "service_powered_off_removal"},
         {"level", "notice"},
         {"message", "Powered off services are deleted after 180 days"},
         {"metadata", Json::object()}});
  }
  return notices;
}

Json Maintenance(const Service& service) {
  Json updates = Json::array();
  for (const MaintenanceUpdate& update : service.updates) {
    updates.push_back({{"description", update.description},
                       {"deadline", TimeText(update.deadline)},
                       {"start_after", nullptr},
                       {"start_at", nullptr}});
  }
  return {{"dow", service.maintenance_day},
          {"time", service.maintenance_time},
          {"enabled", true},
          {"updates", std::move(updates)}};
}

Json Components(const Service& service) {
  Json component = {{"component", service.type}, {"host", HostOf(service)},
                    {"port", PortOf(service)},   {"route", "dynamic"},
                    {"usage", "primary"},        {"ssl", true}};
  if (service.type == "kafka") {
    component["kafka_authentication_method"] = "certificate";
  }
  return Json::array({std::move(component)});
}

Json Metadata(const Service& service) {
  Json metadata = Json::object();
  const ServiceVersion* version = FindVersion(service.type, service.version);
  metadata[service.type + "_version"] =
      version == nullptr ? service.version : version->full;
  if (service.type == "pg") metadata["max_connections"] = 100;
  return metadata;
}

void AddConnection(const Service& service, bool with_secrets, Json& json) {
  json["service_uri"] = nullptr;
  json["connection_info"] = Json::object();
  Json params = {{"host", HostOf(service)},
                 {"port", absl::StrCat(PortOf(service))},
                 {"ssl", "true"}};
  const ServiceUser* user = PrimaryUser(service);
  std::string database =
      service.databases.empty() ? "" : service.databases.front();
  if (user != nullptr) params["user"] = user->name;
  if (!database.empty()) {
    params["dbname"] = database;
    params["sslmode"] = "require";
  }
  if (with_secrets && user != nullptr) {
    params["password"] = user->password;
    std::string uri = Uri(service, user->name, user->password, database);
    json["service_uri"] = uri;
    json["connection_info"][service.type] = Json::array({uri});
  }
  json["service_uri_params"] = std::move(params);
}

Json PoolJson(const Service& service, const ConnectionPool& pool,
              bool with_secrets) {
  Json json = {{"pool_name", pool.name},
               {"database", pool.database},
               {"pool_mode", pool.mode},
               {"pool_size", pool.size},
               {"username", pool.username}};
  if (!with_secrets) return json;
  std::string password;
  for (const ServiceUser& user : service.users) {
    if (user.name == pool.username) password = user.password;
  }
  json["connection_uri"] = Uri(service, pool.username, password, pool.name);
  return json;
}

}  // namespace

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::vector<std::string> NodeNames(const Service& service) {
  std::vector<std::string> names;
  for (int i = 1; i <= NodeCount(service); ++i) {
    names.push_back(absl::StrCat(service.name, "-", i));
  }
  return names;
}

std::string NodeRole(const Service& service, int index) {
  if (!HasRoles(service)) return "";
  return index == 0 ? "master" : "standby";
}

Json ServiceJson(const Service& service, const Fleet& fleet,
                 const ServiceView& view) {
  const Plan* plan = FindPlan(service.type, service.plan);
  const Cloud* cloud = FindCloud(service.cloud);
  const ServiceType* type = FindServiceType(service.type);
  Json json = {
      {"service_name", service.name},
      {"service_type", service.type},
      {"service_type_description", type == nullptr ? "" : type->description},
      {"state", std::string(StateName(StateAt(service, view.now)))},
      {"plan", service.plan},
      {"cloud_name", service.cloud},
      {"cloud_description", cloud == nullptr ? "" : cloud->description},
      {"create_time", TimeText(service.created)},
      {"update_time", TimeText(service.updated)},
      {"node_count", NodeCount(service)},
      {"node_cpu_count", plan == nullptr ? 1 : plan->cpu_count},
      {"node_memory_mb", plan == nullptr ? 1024.0 : 1.0 * plan->memory_mb},
      {"disk_space_mb", service.disk_space_mb},
      {"node_states", NodeStates(service, view.now)},
      {"components", Components(service)},
      {"databases", service.databases},
      {"maintenance", Maintenance(service)},
      {"metadata", Metadata(service)},
      {"features", Json::object()},
      {"tags", service.tags},
      {"tech_emails", Json::array()},
      {"termination_protection", service.termination_protection},
      {"service_notifications", Notifications(service, fleet, view.now)},
      {"service_integrations", Json::array()},
      {"user_config", service.user_config},
      {"group_list", Json::array({"default"})},
  };
  json["project_vpc_id"] =
      service.vpc_id.has_value() ? Json(*service.vpc_id) : Json(nullptr);
  json["users"] = Json::array();
  for (const ServiceUser& user : service.users) {
    json["users"].push_back(UserJson(user, view.with_secrets));
  }
  json["connection_pools"] = Json::array();
  for (const ConnectionPool& pool : service.pools) {
    json["connection_pools"].push_back(
        PoolJson(service, pool, view.with_secrets));
  }
  json["backups"] = BackupsJson(service, view.now)["backups"];
  AddConnection(service, view.with_secrets, json);
  return json;
}

Json UserJson(const ServiceUser& user, bool with_secret) {
  Json json = {{"username", user.name},
               {"type", user.is_primary ? "primary" : "normal"},
               {"password_updated_time", TimeText(user.password_updated)}};
  if (with_secret) json["password"] = user.password;
  return json;
}

Json ProjectJson(const Project& project) {
  std::string billing = absl::StrFormat(
      "%08x-0000-4000-8000-%012x", StableHash(project.organization_id) >> 32,
      StableHash(project.organization_id) >> 16);
  return {{"project_name", project.name},
          {"organization_id", project.organization_id},
          {"account_id", absl::StrCat("a", project.organization_id.substr(3))},
          {"account_name", project.organization_name},
          {"billing_group_id", billing},
          {"billing_group_name", project.organization_name},
          {"default_cloud", project.default_cloud},
          {"tags", project.tags},
          {"tech_emails", Json::array()},
          {"billing_address", ""},
          {"billing_emails", Json::array()},
          {"country", "Finland"},
          {"country_code", "FI"},
          {"estimated_balance", "0.00"},
          {"payment_method", "no_payment_expected"},
          {"tenant_id", "aiven"},
          {"features", Json::object()},
          {"vat_id", ""}};
}

Json CloudJson(const Cloud& cloud) {
  return {{"cloud_name", cloud.name},
          {"cloud_description", cloud.description},
          {"provider", cloud.provider},
          {"provider_description", cloud.provider_description},
          {"geo_region", cloud.geo_region},
          {"geo_latitude", cloud.latitude},
          {"geo_longitude", cloud.longitude}};
}

Json EventJson(const Event& event) {
  return {{"id", event.id},
          {"time", TimeText(event.time)},
          {"actor", event.actor},
          {"event_type", event.type},
          {"event_desc", event.description},
          {"service_name",
           event.service.empty() ? Json(nullptr) : Json(event.service)}};
}

Json VersionJson(const ServiceVersion& version, const Fleet& fleet,
                 absl::Time now) {
  Json json = {{"service_type", version.service_type},
               {"major_version", version.major},
               {"state", "available"}};
  if (!version.days_to_end_of_life.has_value()) return json;
  Service any;
  any.type = version.service_type;
  any.version = version.major;
  absl::Time end = *EndOfLife(any, fleet.started);
  if (end <= now) json["state"] = "eol";
  json["aiven_end_of_life_time"] = TimeText(end);
  json["availability_end_time"] = TimeText(end - absl::Hours(24 * 90));
  json["end_of_life_help_article_url"] = kEndOfLifeArticle;
  json["upgrade_to_service_type"] = version.service_type;
  json["upgrade_to_version"] = version.upgrade_to;
  return json;
}

Json BackupsJson(const Service& service, absl::Time now) {
  const Plan* plan = FindPlan(service.type, service.plan);
  Json backups = Json::array();
  bool has_pitr = plan != nullptr && plan->has_pitr;
  Json answer = Json::object();
  absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  for (int days = 0; days < (has_pitr ? 7 : 2); ++days) {
    absl::Time time =
        absl::FromCivil(today - days, absl::UTCTimeZone()) + absl::Minutes(30);
    if (time > now || time < service.created) continue;
    backups.push_back(
        {{"backup_name", absl::StrCat(service.name, "-", TimeText(time))},
         {"backup_time", TimeText(time)},
         {"data_size",
          static_cast<int64_t>(20 + StableHash(service.name) % 4000) << 20},
         {"storage_location", service.cloud}});
  }
  if (has_pitr && !backups.empty()) {
    answer["pitr"] = {{"primary_region",
                       {{"pitr_range_start", backups.back()["backup_time"]},
                        {"pitr_range_end", nullptr}}},
                      {"additional_regions", Json::array()}};
  }
  answer["backups"] = std::move(backups);
  return answer;
}

namespace {

Json BackupConfig(const Plan& plan) {
  return {{"interval", 24},
          {"max_count", plan.has_pitr ? 14 : 2},
          {"recovery_mode", plan.has_pitr ? "pitr" : "basic"}};
}

// Some clouds cost more.
double PriceIn(const Plan& plan, const Cloud& cloud) {
  return plan.price_usd * (cloud.provider == "do" ? 1.0 : 1.12);
}

}  // namespace

Json PlanJson(const Plan& plan) {
  Json regions = Json::object();
  for (const Cloud& cloud : Clouds()) {
    if (plan.price_usd == 0 && cloud.provider != "do") continue;
    regions[cloud.name] = {
        {"price_usd", absl::StrFormat("%.5f", PriceIn(plan, cloud))},
        {"node_cpu_count", plan.cpu_count},
        {"node_memory_mb", plan.memory_mb},
        {"disk_space_mb", plan.disk_space_mb}};
  }
  return {{"service_type", plan.service_type},
          {"service_plan", plan.name},
          {"node_count", plan.node_count},
          {"backup_config", BackupConfig(plan)},
          {"regions", std::move(regions)}};
}

Json PlanSpecJson(const Plan& plan) {
  return {{"service_type", plan.service_type},
          {"service_plan", plan.name},
          {"node_count", plan.node_count},
          {"disk_space_mb", plan.disk_space_mb},
          {"disk_space_cap_mb", plan.disk_space_mb * 3},
          {"disk_space_step_mb", 10240},
          {"backup_config", BackupConfig(plan)}};
}

Json PriceJson(const Plan& plan, const Cloud& cloud) {
  return {{"service_type", plan.service_type},
          {"service_plan", plan.name},
          {"cloud_name", cloud.name},
          {"base_price_usd", absl::StrFormat("%.5f", PriceIn(plan, cloud))},
          {"extra_disk_price_per_gb_usd", "0.00041"},
          {"object_storage_gb_price_usd", "0.00008"}};
}

}  // namespace howdah::local::aiven

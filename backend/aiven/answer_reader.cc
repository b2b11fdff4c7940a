#include "backend/aiven/answer_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "backend/aiven/errors.h"
#include "backend/aiven/secret_text.h"
#include "backend/json/json_reader.h"
#include "proto/support/status_macros.h"

namespace howdah::aiven {
namespace {

using json::Boolean;
using json::Element;
using json::ForEach;
using json::ForEachMember;
using json::Integer;
using json::Member;
using json::Number;
using json::Path;
using json::Text;
using json::Texts;

constexpr size_t kMostSettings = 500;
constexpr size_t kLongestSetting = 300;

// The member that the answer is about.
absl::StatusOr<Element> Payload(absl::string_view body, absl::string_view key,
                                simdjson::dom::element_type type) {
  const auto root = json::Parse(body);
  if (!root.ok()) return BadAnswer(key, "is no JSON object");
  const std::optional<Element> payload = Member(*root, key);
  if (!payload || payload->type() != type) {
    return BadAnswer(key, absl::StrCat("has no \"", key, "\""));
  }
  return *payload;
}

absl::StatusOr<Element> List(absl::string_view body, absl::string_view key) {
  return Payload(body, key, simdjson::dom::element_type::ARRAY);
}

absl::StatusOr<Element> Object(absl::string_view body, absl::string_view key) {
  return Payload(body, key, simdjson::dom::element_type::OBJECT);
}

absl::Time TimeOf(std::optional<Element> element) {
  return ReadTime(Text(element));
}

// A number that may be written as text, "16.4".
std::string Scalar(std::optional<Element> element) {
  if (!element) return "";
  if (element->is_object() || element->is_array() || element->is_null()) {
    return "";
  }
  if (element->is_string()) return Text(element);
  if (element->is_bool()) return Boolean(element) ? "true" : "false";
  return absl::StrCat(Number(element));
}

Tags ReadTags(std::optional<Element> object) {
  Tags tags;
  ForEachMember(object, [&](absl::string_view key, Element value) {
    tags[std::string(key)] = Scalar(value);
  });
  return tags;
}

// Settings that are secrets by what they are: the API has no mark for them.
bool IsSecretSetting(absl::string_view name) {
  for (const absl::string_view word :
       {"password", "secret", "token", "credential", "private_key", "api_key",
        "access_key", "passphrase"}) {
    if (absl::StrContains(name, word)) return true;
  }
  return false;
}

void ReadSettings(const std::string& name, Element value,
                  std::vector<std::string>& settings) {
  if (settings.size() >= kMostSettings) return;
  if (value.is_object()) {
    ForEachMember(value, [&](absl::string_view key, Element inner) {
      ReadSettings(
          name.empty() ? std::string(key) : absl::StrCat(name, ".", key), inner,
          settings);
    });
    return;
  }
  if (value.is_null() || IsSecretSetting(absl::AsciiStrToLower(name))) return;
  std::string text;
  if (value.is_array()) {
    std::vector<std::string> items;
    ForEach(value, [&](Element item) {
      items.push_back(item.is_object() ? Text(Member(item, "network"))
                                       : Scalar(item));
    });
    text = absl::StrJoin(items, ", ");
  } else {
    text = Scalar(value);
  }
  text = HideSecrets(std::move(text));
  if (text.size() > kLongestSetting) text.resize(kLongestSetting);
  settings.push_back(absl::StrCat(name, "=", text));
}

std::string ReadProgress(Element node) {
  std::string progress;
  ForEach(Member(node, "progress_updates"), [&](Element update) {
    if (Boolean(Member(update, "completed"))) return;
    const double current = Number(Member(update, "current"));
    const double max = Number(Member(update, "max"));
    if (!progress.empty() || max <= 0) return;
    constexpr double kPercent = 100;
    progress = absl::StrCat(Text(Member(update, "phase")), " ",
                            static_cast<int>(current / max * kPercent), " %");
  });
  return progress;
}

std::string ReadVersion(Element service) {
  std::string version;
  const auto take = [&](absl::string_view key, Element value) {
    if (version.empty() && absl::EndsWith(key, "_version")) {
      version = Scalar(value);
    }
  };
  const std::string own =
      absl::StrCat(Text(Member(service, "service_type")), "_version");
  version = Scalar(Path(service, "metadata", absl::string_view(own)));
  if (version.empty()) {
    version = Scalar(Path(service, "user_config", absl::string_view(own)));
  }
  if (version.empty()) ForEachMember(Member(service, "metadata"), take);
  return version;
}

void ReadMaintenance(std::optional<Element> from, Service& service) {
  service.maintenance_day = Text(Member(from, "dow"));
  service.maintenance_time = Text(Member(from, "time"));
  service.maintenance_enabled = Boolean(Member(from, "enabled"), true);
  ForEach(Member(from, "updates"), [&](Element update) {
    service.updates.push_back(
        {.description = HideSecrets(Text(Member(update, "description"))),
         .impact = HideSecrets(Text(Member(update, "impact"))),
         .deadline = TimeOf(Member(update, "deadline"))});
  });
}

// What only a look at one service shows: most of the bytes of a list.
void ReadDetails(Element from, Service& service) {
  ForEach(Member(from, "node_states"), [&](Element node) {
    service.nodes.push_back(
        {.name = Text(Member(node, "name")),
         .state = Text(Member(node, "state")),
         .role = Text(Member(node, "role")),
         .availability_zone = Text(Member(node, "availability_zone")),
         .progress = ReadProgress(node)});
  });
  ForEach(Member(from, "components"), [&](Element part) {
    service.endpoints.push_back({.component = Text(Member(part, "component")),
                                 .host = Text(Member(part, "host")),
                                 .port = Integer(Member(part, "port")),
                                 .route = Text(Member(part, "route")),
                                 .usage = Text(Member(part, "usage"))});
  });
  ForEach(Member(from, "users"), [&](Element user) {
    service.users.push_back(Text(Member(user, "username")));
  });
  service.databases = Texts(Member(from, "databases"));
  ForEach(Member(from, "connection_pools"), [&](Element pool) {
    service.pools.push_back({.name = Text(Member(pool, "pool_name")),
                             .database = Text(Member(pool, "database")),
                             .user = Text(Member(pool, "username")),
                             .mode = Text(Member(pool, "pool_mode")),
                             .size = Integer(Member(pool, "pool_size"))});
  });
  ForEach(Member(from, "service_integrations"), [&](Element integration) {
    service.integrations.push_back(
        {.type = Text(Member(integration, "integration_type")),
         .source_service = Text(Member(integration, "source_service")),
         .dest_service = Text(Member(integration, "dest_service")),
         .active = Boolean(Member(integration, "active"))});
  });
  if (const auto config = Member(from, "user_config")) {
    ReadSettings("", *config, service.settings);
  }
  ForEach(Member(from, "service_notifications"), [&](Element notice) {
    service.notices.push_back(HideSecrets(Text(Member(notice, "message"))));
  });
}

Service ReadSummary(Element from, absl::string_view project) {
  Service service;
  service.project = std::string(project);
  service.name = Text(Member(from, "service_name"));
  service.type = Text(Member(from, "service_type"));
  service.state = Text(Member(from, "state"));
  service.plan = Text(Member(from, "plan"));
  service.tier = TierOf(service.plan);
  service.cloud = Text(Member(from, "cloud_name"));
  const std::pair<std::string, std::string> cloud =
      absl::StrSplit(service.cloud, absl::MaxSplits('-', 1));
  service.provider = cloud.first;
  service.region = cloud.second;
  service.version = ReadVersion(from);
  service.node_count = Integer(Member(from, "node_count"));
  service.node_cpu_count = Integer(Member(from, "node_cpu_count"));
  service.node_memory_mb = Number(Member(from, "node_memory_mb"));
  service.disk_space_mb = Integer(Member(from, "disk_space_mb"));
  service.created = TimeOf(Member(from, "create_time"));
  service.updated = TimeOf(Member(from, "update_time"));
  service.vpc_id = Text(Member(from, "project_vpc_id"));
  service.termination_protection =
      Boolean(Member(from, "termination_protection"));
  service.tags = ReadTags(Member(from, "tags"));
  ReadMaintenance(Member(from, "maintenance"), service);
  ForEach(Member(from, "service_notifications"), [&](Element notice) {
    const absl::Time end =
        TimeOf(Path(notice, "metadata", "service_end_of_life_time"));
    if (end != absl::InfinitePast()) service.end_of_life = end;
  });
  return service;
}

// Adds the value of one row to each series of the group.
void ReadRow(Element row, std::vector<MetricSeries>& group) {
  size_t column = 0;
  absl::Time time = absl::InfinitePast();
  ForEach(row, [&](Element cell) {
    const size_t at = column++;
    if (at == 0) {
      time = ReadTime(Text(cell));
      return;
    }
    double value = 0;
    // The first row repeats the titles, which have no time.
    if (time == absl::InfinitePast() || at > group.size() ||
        cell.get(value) != simdjson::SUCCESS) {
      return;
    }
    group[at - 1].points.emplace_back(time, value);
  });
}

}  // namespace

absl::Time ReadTime(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  if (!absl::ConsumePrefix(&text, "Date(") ||
      !absl::ConsumeSuffix(&text, ")")) {
    return absl::InfinitePast();
  }
  int parts[6] = {1970, 0, 1, 0, 0, 0};
  size_t count = 0;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    if (count == 6 || !absl::SimpleAtoi(part, &parts[count++])) {
      return absl::InfinitePast();
    }
  }
  // Months count from zero, as in JavaScript.
  return absl::FromCivil(absl::CivilSecond(parts[0], parts[1] + 1, parts[2],
                                           parts[3], parts[4], parts[5]),
                         absl::UTCTimeZone());
}

absl::StatusOr<std::vector<Project>> ReadProjects(absl::string_view body) {
  ASSIGN_OR_RETURN(const Element list, List(body, "projects"));
  std::vector<Project> projects;
  ForEach(list, [&](Element from) {
    projects.push_back(
        {.name = Text(Member(from, "project_name")),
         .organization_id = Text(Member(from, "organization_id")),
         .account_id = Text(Member(from, "account_id")),
         .account_name = Text(Member(from, "account_name")),
         .billing_group_name = Text(Member(from, "billing_group_name")),
         .default_cloud = Text(Member(from, "default_cloud")),
         .estimated_balance = Scalar(Member(from, "estimated_balance")),
         .payment_method = Text(Member(from, "payment_method")),
         .trial_expiration = TimeOf(Member(from, "trial_expiration_time")),
         .tags = ReadTags(Member(from, "tags"))});
  });
  std::sort(projects.begin(), projects.end(),
            [](const Project& a, const Project& b) { return a.name < b.name; });
  return projects;
}

absl::StatusOr<std::vector<Service>> ReadServices(absl::string_view body,
                                                  absl::string_view project) {
  ASSIGN_OR_RETURN(const Element list, List(body, "services"));
  std::vector<Service> services;
  ForEach(list, [&](Element from) {
    services.push_back(ReadSummary(from, project));
  });
  std::sort(services.begin(), services.end(),
            [](const Service& a, const Service& b) { return a.name < b.name; });
  return services;
}

absl::StatusOr<Service> ReadService(absl::string_view body,
                                    absl::string_view project) {
  ASSIGN_OR_RETURN(const Element from, Object(body, "service"));
  Service service = ReadSummary(from, project);
  ReadDetails(from, service);
  return service;
}

absl::StatusOr<std::vector<ServiceVersion>> ReadServiceVersions(
    absl::string_view body) {
  ASSIGN_OR_RETURN(const Element list, List(body, "service_versions"));
  std::vector<ServiceVersion> versions;
  ForEach(list, [&](Element from) {
    ServiceVersion version{
        .type = Text(Member(from, "service_type")),
        .major = Scalar(Member(from, "major_version")),
        .end_of_life = TimeOf(Member(from, "aiven_end_of_life_time"))};
    if (version.end_of_life == absl::InfinitePast()) {
      version.end_of_life = TimeOf(Member(from, "upstream_end_of_life_time"));
    }
    versions.push_back(std::move(version));
  });
  return versions;
}

absl::StatusOr<std::vector<Event>> ReadEvents(absl::string_view body) {
  ASSIGN_OR_RETURN(const Element list, List(body, "events"));
  std::vector<Event> events;
  ForEach(list, [&](Element from) {
    events.push_back(
        {.time = TimeOf(Member(from, "time")),
         .type = Text(Member(from, "event_type")),
         .service = Text(Member(from, "service_name")),
         .actor = HideSecrets(Text(Member(from, "actor"))),
         .description = HideSecrets(Text(Member(from, "event_desc")))});
  });
  std::stable_sort(
      events.begin(), events.end(),
      [](const Event& a, const Event& b) { return a.time > b.time; });
  return events;
}

absl::StatusOr<LogPage> ReadLogs(absl::string_view body) {
  ASSIGN_OR_RETURN(const Element list, List(body, "logs"));
  LogPage page;
  ForEach(list, [&](Element from) {
    page.lines.push_back({.time = TimeOf(Member(from, "time")),
                          .severity = Text(Member(from, "severity")),
                          .unit = Text(Member(from, "unit")),
                          .message = HideSecrets(Text(Member(from, "msg")))});
  });
  ASSIGN_OR_RETURN(const Element root, json::Parse(body));
  page.offset = Text(Member(root, "offset"));
  return page;
}

absl::StatusOr<Metrics> ReadMetrics(absl::string_view body) {
  ASSIGN_OR_RETURN(const Element groups, Object(body, "metrics"));
  Metrics metrics;
  ForEachMember(groups, [&](absl::string_view name, Element group) {
    std::vector<MetricSeries> series;
    bool is_time = true;
    ForEach(Path(group, "data", "cols"), [&](Element column) {
      if (!std::exchange(is_time, false)) {
        series.push_back({.metric = std::string(name),
                          .label = Text(Member(column, "label")),
                          .points = {}});
      }
    });
    ForEach(Path(group, "data", "rows"),
            [&](Element row) { ReadRow(row, series); });
    for (MetricSeries& one : series) metrics.push_back(std::move(one));
  });
  return metrics;
}

absl::StatusOr<ConnectionSecrets> ReadConnectionSecrets(
    absl::string_view body) {
  ASSIGN_OR_RETURN(const Element service, Object(body, "service"));
  const auto params = Member(service, "service_uri_params");
  ConnectionSecrets secrets{.host = Text(Member(params, "host")),
                            .port = Scalar(Member(params, "port")),
                            .user = Text(Member(params, "user")),
                            .password = Text(Member(params, "password")),
                            .database = Text(Member(params, "dbname")),
                            .ssl_mode = Text(Member(params, "sslmode"))};
  return secrets;
}

absl::StatusOr<std::string> ReadCertificate(absl::string_view body) {
  ASSIGN_OR_RETURN(
      const Element certificate,
      Payload(body, "certificate", simdjson::dom::element_type::STRING));
  return Text(certificate);
}

absl::StatusOr<double> ReadNumber(absl::string_view body) {
  ASSIGN_OR_RETURN(const Element rows, List(body, "data"));
  std::optional<double> number;
  ForEach(rows, [&](Element row) {
    ForEach(row, [&](Element cell) {
      double value = 0;
      // ClickHouse writes 64-bit integers as texts.
      if (absl::SimpleAtod(Scalar(cell), &value)) number = value;
    });
  });
  if (!number) return BadAnswer("the query", "has no number");
  return *number;
}

}  // namespace howdah::aiven

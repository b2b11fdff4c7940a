#include "backend/services/aiven_services_service.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/aiven/errors.h"
#include "backend/aiven/measurement.h"
#include "backend/services/aiven_fleet_reading.h"
#include "proto/support/status_details.h"

namespace howdah::services {

namespace pb = aiven::v1;

namespace {

// Longest line of a log in a concise answer.
constexpr size_t kShortLine = 300;

constexpr char kPostgres[] = "pg";

absl::Status NotPostgres(const aiven::Service& service) {
  return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                               "NOT_A_POSTGRES_SERVICE", aiven::kDomain)
      .Message(absl::StrCat("Service ", service.name, " is of type ",
                            service.type,
                            "; schemas can be listed of type pg only."))
      .Build();
}

absl::Status NotRunning(const aiven::Service& service) {
  return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                               "AIVEN_NOT_POWERED", aiven::kDomain)
      .Message(absl::StrCat("Service ", service.name, " is ", service.state,
                            " and has no address to connect to."))
      .Build();
}

absl::Status UnknownMetric(const std::string& name,
                           const aiven::Metrics& metrics) {
  std::vector<std::string> known;
  for (const aiven::MetricSeries& series : metrics) {
    if (known.empty() || known.back() != series.metric) {
      known.push_back(series.metric);
    }
  }
  return support::InvalidField("metrics",
                               absl::StrCat("has no \"", name.substr(0, 64),
                                            "\" for this service; there are ",
                                            absl::StrJoin(known, ", ")));
}

pb::Schema ToProto(const sql::CatalogSchema& schema) {
  pb::Schema proto;
  proto.set_database_name(schema.database);
  proto.set_schema_name(schema.name);
  proto.set_owner(schema.owner);
  proto.set_tables(static_cast<int32_t>(schema.tables));
  proto.set_views(static_cast<int32_t>(schema.views));
  proto.set_size_bytes(schema.size_bytes);
  return proto;
}

pb::Table ToProto(const sql::CatalogTable& table) {
  pb::Table proto;
  proto.set_database_name(table.database);
  proto.set_schema_name(table.schema);
  proto.set_table_name(table.name);
  proto.set_kind(table.kind);
  if (table.estimated_rows) proto.set_estimated_rows(*table.estimated_rows);
  proto.set_size_bytes(table.size_bytes);
  return proto;
}

std::string ShortLine(const std::string& text) {
  if (text.size() <= kShortLine) return text;
  size_t end = kShortLine;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return absl::StrCat(text.substr(0, end), "…");
}

void AddCounts(const std::vector<const aiven::LogLine*>& lines,
               pb::GetServiceLogsResponse& response) {
  std::map<std::pair<std::string, std::string>, int> counts;
  for (const aiven::LogLine* line : lines) {
    ++counts[{line->severity, line->unit}];
  }
  for (const auto& [kind, count] : counts) {
    pb::LogCount& to = *response.add_counts();
    to.set_severity(kind.first);
    to.set_unit(kind.second);
    to.set_count(count);
  }
  std::stable_sort(response.mutable_counts()->begin(),
                   response.mutable_counts()->end(),
                   [](const pb::LogCount& a, const pb::LogCount& b) {
                     return a.count() > b.count();
                   });
}

pb::MetricSeries ToProto(const aiven::MetricSeries& series,
                         const pb::GetServiceMetricsRequest& request) {
  pb::MetricSeries proto;
  proto.set_metric(series.metric);
  proto.set_label(series.label);
  const absl::string_view unit = aiven::UnitOf(series.metric);
  proto.set_unit(unit.data(), unit.size());
  if (const auto summary = aiven::Summarise(series)) {
    proto.set_minimum(summary->minimum);
    proto.set_average(summary->average);
    proto.set_maximum(summary->maximum);
    proto.set_latest(summary->latest);
    SetTimestamp(summary->latest_time, proto.mutable_latest_time());
  }
  if (request.detail_level() != pb::DETAIL_LEVEL_DETAILED) return proto;
  for (const auto& [time, value] :
       aiven::Thin(series.points, static_cast<size_t>(request.page_size()))) {
    pb::MetricPoint& point = *proto.add_points();
    SetTimestamp(time, point.mutable_time());
    point.set_value(value);
  }
  return proto;
}

}  // namespace

absl::StatusOr<pb::ListServicesResponse> AivenServicesService::ListServices(
    const CallContext& context, const pb::ListServicesRequest& request) {
  ASSIGN_OR_RETURN(aiven::Account* const account,
                   accounts_.Find(request.context()));
  ASSIGN_OR_RETURN(const std::string project,
                   ProjectOf(*account, request.project_name()));
  AivenSources sources(*account);
  ASSIGN_OR_RETURN(
      const AivenFleet fleet,
      ReadAivenFleet(*account, {project},
                     ReadOptionsOf(context, request.refresh()), sources));
  ASSIGN_OR_RETURN(const PageBounds page,
                   PageOf(request, fleet.rows.size(), [&](size_t i) {
                     return fleet.rows[i].service->name;
                   }));
  pb::ListServicesResponse response;
  for (size_t i = page.begin; i < page.end; ++i) {
    *response.add_services() =
        services::ToProto(fleet.rows[i], request.detail_level());
  }
  response.set_summary(absl::StrCat(Counted(fleet.rows.size(), "service"),
                                    " in project ", project, ".",
                                    sources.Caveats()));
  response.set_count(response.services_size());
  response.set_project_name(project);
  *response.mutable_source() = sources.ToProto();
  response.set_next_page_token(page.next_token);
  return response;
}

absl::StatusOr<pb::GetServiceResponse> AivenServicesService::GetService(
    const CallContext& context, const pb::GetServiceRequest& request) {
  ASSIGN_OR_RETURN(aiven::Account* const account,
                   accounts_.Find(request.context()));
  ASSIGN_OR_RETURN(const std::string project,
                   ProjectOf(*account, request.project_name()));
  const aiven::ReadOptions options = ReadOptionsOf(context, request.refresh());
  ASSIGN_OR_RETURN(
      const auto service,
      account->GetService({project, request.service_name()}, options));
  // The versions alone: no project is asked for.
  const aiven::FleetReading facts = account->ReadFleet({}, options);
  AivenSources sources(*account);
  sources.Note(service.read_at);
  if (!facts.versions.ok()) sources.Miss("", "", facts.versions.status());
  static const std::vector<aiven::ServiceVersion> kNoVersions;
  const aiven::Service& found = *service.value;
  const aiven::FleetRow row = {
      &found,
      aiven::EndOfLife(
          found, facts.versions.ok() ? *facts.versions->value : kNoVersions)};
  pb::GetServiceResponse response;
  *response.mutable_service() = services::ToProto(row, request.detail_level());
  response.set_summary(
      absl::StrCat("Service ", found.name, " (", found.type, " ", found.version,
                   ", ", found.plan, ", ", found.cloud, ") in project ",
                   project, " is ", found.state, ".", sources.Caveats()));
  *response.mutable_source() = sources.ToProto();
  return response;
}

absl::StatusOr<sql::ConnectionTarget> AivenServicesService::TargetOf(
    aiven::Account& account, const aiven::ServiceKey& key,
    const aiven::ReadOptions& options, AivenSources& sources) {
  ASSIGN_OR_RETURN(const auto service, account.GetService(key, options));
  sources.Note(service.read_at);
  if (service.value->type != kPostgres) return NotPostgres(*service.value);
  ASSIGN_OR_RETURN(const aiven::ConnectionSecrets secrets,
                   account.GetConnectionSecrets(key, options));
  if (secrets.host.empty()) return NotRunning(*service.value);
  if (secrets.password.empty()) {
    return support::ErrorBuilder(absl::StatusCode::kPermissionDenied,
                                 aiven::kPermissionDenied, aiven::kDomain)
        .Message(absl::StrCat(
            "Aiven gives no password of service ", key.service,
            " to the token of this server; it needs service:secrets:read."))
        .Build();
  }
  ASSIGN_OR_RETURN(const auto authority,
                   account.GetCertificateAuthority(key.project, options));
  return sql::ConnectionTarget{.host = secrets.host,
                               .port = secrets.port,
                               .user = secrets.user,
                               .password = secrets.password,
                               .database = secrets.database,
                               .certificate_authority = *authority.value};
}

absl::StatusOr<pb::ListServiceSchemasResponse>
AivenServicesService::ListServiceSchemas(
    const CallContext& context, const pb::ListServiceSchemasRequest& request) {
  ASSIGN_OR_RETURN(aiven::Account* const account,
                   accounts_.Find(request.context()));
  ASSIGN_OR_RETURN(const std::string project,
                   ProjectOf(*account, request.project_name()));
  const aiven::ServiceKey key = {project, request.service_name()};
  AivenSources sources(*account);
  ASSIGN_OR_RETURN(
      const sql::ConnectionTarget target,
      TargetOf(*account, key, ReadOptionsOf(context, false), sources));
  const bool tables = request.detail_level() == pb::DETAIL_LEVEL_DETAILED;
  sql::SessionLimits limits;
  limits.deadline = context.deadline;
  limits.cancelled = context.cancelled;
  ASSIGN_OR_RETURN(const sql::Catalog catalog,
                   catalogs_.Read(target,
                                  {.database = request.database_name(),
                                   .schema = request.schema_name(),
                                   .tables = tables},
                                  limits));
  for (const auto& [database, error] : catalog.missing) {
    sources.Miss(project, absl::StrCat(key.service, "/", database), error);
  }
  const size_t count = tables ? catalog.tables.size() : catalog.schemas.size();
  ASSIGN_OR_RETURN(const PageBounds page, PageOf(request, count, [&](size_t i) {
                     if (!tables) {
                       return absl::StrCat(catalog.schemas[i].database, "/",
                                           catalog.schemas[i].name);
                     }
                     const sql::CatalogTable& table = catalog.tables[i];
                     return absl::StrCat(table.database, "/", table.schema, "/",
                                         table.name);
                   }));
  pb::ListServiceSchemasResponse response;
  if (!tables) {
    for (size_t i = page.begin; i < page.end; ++i) {
      *response.add_schemas() = ToProto(catalog.schemas[i]);
    }
  } else {
    for (const sql::CatalogSchema& schema : catalog.schemas) {
      *response.add_schemas() = ToProto(schema);
    }
    for (size_t i = page.begin; i < page.end; ++i) {
      *response.add_tables() = ToProto(catalog.tables[i]);
    }
  }
  for (const std::string& database : catalog.databases) {
    response.add_databases(database);
  }
  response.set_summary(absl::StrCat(
      "Service ", key.service, " has ",
      Counted(catalog.databases.size(), "database"), " and ",
      Counted(catalog.schemas.size(), "schema"),
      tables ? absl::StrCat(" with ", Counted(catalog.tables.size(), "table"))
             : "",
      ". Sizes and rows are estimates.", sources.Caveats()));
  *response.mutable_source() = sources.ToProto();
  response.set_next_page_token(page.next_token);
  return response;
}

absl::StatusOr<pb::GetServiceLogsResponse> AivenServicesService::GetServiceLogs(
    const CallContext& context, const pb::GetServiceLogsRequest& request) {
  ASSIGN_OR_RETURN(aiven::Account* const account,
                   accounts_.Find(request.context()));
  ASSIGN_OR_RETURN(const std::string project,
                   ProjectOf(*account, request.project_name()));
  const std::string shape = ShapeOf(request);
  ASSIGN_OR_RETURN(const std::string offset,
                   ReadPageToken(request.page_token(), shape));
  ASSIGN_OR_RETURN(
      const aiven::LogPage page,
      account->GetLogs({project, request.service_name()},
                       {.limit = request.page_size(), .offset = offset},
                       ReadOptionsOf(context, false)));
  std::vector<const aiven::LogLine*> lines;
  const std::string wanted = absl::AsciiStrToLower(request.contains());
  for (const aiven::LogLine& line : page.lines) {
    if (absl::StrContains(absl::AsciiStrToLower(line.message), wanted)) {
      lines.push_back(&line);
    }
  }
  AivenSources sources(*account);
  pb::GetServiceLogsResponse response;
  AddCounts(lines, response);
  for (const aiven::LogLine* line : lines) {
    pb::LogLine& to = *response.add_lines();
    if (line->time != absl::InfinitePast()) {
      SetTimestamp(line->time, to.mutable_time());
    }
    to.set_severity(line->severity);
    to.set_unit(line->unit);
    to.set_message(request.detail_level() == pb::DETAIL_LEVEL_DETAILED
                       ? line->message
                       : ShortLine(line->message));
  }
  std::string summary =
      absl::StrCat(Counted(page.lines.size(), "line"), " of the logs of ",
                   request.service_name(), ", newest first");
  if (!wanted.empty()) {
    absl::StrAppend(&summary, "; ", lines.size(), " with the text");
  }
  response.set_summary(absl::StrCat(summary, ".", sources.Caveats()));
  *response.mutable_source() = sources.ToProto();
  // An empty page may still have an offset, for lines to come.
  if (!page.offset.empty() && !page.lines.empty() && page.offset != offset) {
    response.set_next_page_token(MakePageToken(page.offset, shape));
  }
  return response;
}

absl::StatusOr<pb::GetServiceMetricsResponse>
AivenServicesService::GetServiceMetrics(
    const CallContext& context, const pb::GetServiceMetricsRequest& request) {
  ASSIGN_OR_RETURN(aiven::Account* const account,
                   accounts_.Find(request.context()));
  ASSIGN_OR_RETURN(const std::string project,
                   ProjectOf(*account, request.project_name()));
  const auto read = account->GetMetrics(
      {{project, request.service_name()}}, PeriodText(request.period()),
      ReadOptionsOf(context, request.refresh()));
  if (!read.front().ok()) return read.front().status();
  const aiven::Metrics& metrics = *read.front()->value;
  pb::GetServiceMetricsResponse response;
  std::vector<std::string> unknown(request.metrics().begin(),
                                   request.metrics().end());
  for (const aiven::MetricSeries& series : metrics) {
    const bool wanted =
        request.metrics().empty() ||
        std::find(request.metrics().begin(), request.metrics().end(),
                  series.metric) != request.metrics().end();
    if (!wanted) continue;
    unknown.erase(std::remove(unknown.begin(), unknown.end(), series.metric),
                  unknown.end());
    *response.add_series() = ToProto(series, request);
  }
  if (!unknown.empty()) return UnknownMetric(unknown.front(), metrics);
  AivenSources sources(*account);
  sources.Note(read.front()->read_at);
  response.set_summary(absl::StrCat(
      Counted(static_cast<size_t>(response.series_size()), "series"),
      " of service ", request.service_name(), " over the last ",
      PeriodText(request.period()), ".", sources.Caveats()));
  *response.mutable_source() = sources.ToProto();
  return response;
}

}  // namespace howdah::services

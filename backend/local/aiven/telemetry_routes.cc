// Metrics, logs, and queries of ClickHouse.
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/local/aiven/api_error.h"
#include "backend/local/aiven/clickhouse_query.h"
#include "backend/local/aiven/telemetry.h"
#include "backend/local/aiven/world.h"
#include "proto/support/status_macros.h"

namespace howdah::local::aiven {
namespace {

absl::StatusOr<Json> FetchMetrics(World& world, const Call& call) {
  RETURN_IF_ERROR(CheckFields(call.body, {{"period"}, {"kafka_topic_name"}}));
  std::string name = call.body.value("period", "hour");
  std::optional<MetricsPeriod> period = ParsePeriod(name);
  if (!period.has_value()) {
    return InvalidInput(absl::StrCat("'", name, "' is not one of ['hour', ",
                                     "'day', 'week', 'month', 'year']"));
  }
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  return Json{{"metrics", MetricsJson(*service, *period, call.now)}};
}

absl::StatusOr<Json> FetchLogs(World& world, const Call& call) {
  RETURN_IF_ERROR(CheckFields(call.body, {{"limit", FieldType::kInteger},
                                          {"offset"},
                                          {"sort_order"},
                                          {"severity"},
                                          {"log_type"}}));
  LogsQuery query;
  query.limit = call.body.value("limit", query.limit);
  if (query.limit < 1 || query.limit > 500) {
    return InvalidInput(absl::StrCat(query.limit, " is not from 1 to 500"));
  }
  query.offset = call.body.value("offset", "");
  query.severity = call.body.value("severity", "");
  std::string order = call.body.value("sort_order", "desc");
  if (order != "asc" && order != "desc") {
    return InvalidInput(
        absl::StrCat("'", order, "' is not one of ['desc', 'asc']"));
  }
  query.newest_first = order == "desc";
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  return LogsJson(*service, query, call.now);
}

absl::StatusOr<Json> QueryClickHouse(World& world, const Call& call) {
  RETURN_IF_ERROR(CheckFields(call.body, {{"database", FieldType::kText, true},
                                          {"query", FieldType::kText, true}}));
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindPoweredService(world, call));
  if (service->type != "clickhouse") {
    return InvalidInput("the service is not of type clickhouse");
  }
  return ClickHouseAnswer(*service, call.body["query"], call.now);
}

}  // namespace

std::vector<Route> TelemetryRoutes() {
  const std::string service = "/v1/project/{project}/service/{service}";
  return {
      {"POST", service + "/metrics", Permission::kMetricsRead, FetchMetrics},
      {"POST", service + "/logs", Permission::kLogsRead, FetchLogs},
      {"POST", service + "/clickhouse/query", Permission::kDataWrite,
       QueryClickHouse},
  };
}

}  // namespace howdah::local::aiven

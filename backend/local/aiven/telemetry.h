// Metrics and logs of the invented services: no store, only functions of the
// service and the time, so any page of them can be asked for again.
//
//   Json metrics = MetricsJson(service, *ParsePeriod("hour"), now);
//   StatusOr<Json> logs = LogsJson(service, {.limit = 100}, now);
//
// Some services stand out in one metric each; docs/aiven-sandbox.md has the
// table.
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_TELEMETRY_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_TELEMETRY_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/local/aiven/fleet.h"

namespace howdah::local::aiven {

struct MetricsPeriod {
  absl::Duration step;
  int points = 0;
};

// "hour", "day", "week", "month", "year".
std::optional<MetricsPeriod> ParsePeriod(absl::string_view name);

// One value of a metric, which is the same whenever it is asked for.
double MetricAt(const Service& service, absl::string_view group, int node,
                absl::Time time);

// The groups with their rows; none of a service without nodes.
Json MetricsJson(const Service& service, const MetricsPeriod& period,
                 absl::Time now);

// Rows and bytes that a ClickHouse takes in, per second.
double InsertedRowsPerSecond(const Service& service);

struct LogsQuery {
  int limit = 100;
  // As an earlier answer gave it; empty for the newest (or oldest) page.
  std::string offset;
  bool newest_first = true;
  std::string severity;
};

// `logs`, `first_log_offset`, `offset`. 400 if the offset is none of ours.
absl::StatusOr<Json> LogsJson(const Service& service, const LogsQuery& query,
                              absl::Time now);

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_TELEMETRY_H_

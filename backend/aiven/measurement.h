// One number for a service from its metrics, so that services can be ranked.
//
//   const auto measured =
//       Measure(metrics, FactsOf(RankBy::kDiskWrites), Statistic::kAverage);
#ifndef HOWDAH_BACKEND_AIVEN_MEASUREMENT_H_
#define HOWDAH_BACKEND_AIVEN_MEASUREMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/aiven/model.h"

namespace howdah::aiven {

// The numbers are those of the contract.
enum class RankBy {
  kCpu = 1,
  kMemory = 2,
  kDisk = 3,
  kDiskWrites = 4,
  kDiskReads = 5,
  kNetworkReceived = 6,
  kNetworkSent = 7,
  kClickHouseInserts = 8,
};

enum class Statistic { kAverage = 1, kMaximum = 2, kLatest = 3 };

// How a metric is named and counted.
struct MetricFacts {
  // As Aiven names it, and as its documents do.
  absl::string_view name;
  absl::string_view other_name;
  absl::string_view unit;
  // Of several nodes: the sum, else the mean.
  bool adds_up = false;
};

// For ClickHouse inserts: disk writes, which stand in for them.
const MetricFacts& FactsOf(RankBy metric);
// Unit of a metric as Aiven names it; empty if it is not known.
absl::string_view UnitOf(absl::string_view metric);

struct Summary {
  double minimum = 0;
  double average = 0;
  double maximum = 0;
  double latest = 0;
  absl::Time latest_time = absl::InfinitePast();

  double Of(Statistic statistic) const;
};

// Nothing if the series has no points.
std::optional<Summary> Summarise(const MetricSeries& series);
// Of all nodes; nothing if the metric is not there.
std::optional<Summary> Measure(const Metrics& metrics,
                               const MetricFacts& facts);

// At most `most` points, evenly chosen, the newest among them.
std::vector<std::pair<absl::Time, double>> Thin(
    const std::vector<std::pair<absl::Time, double>>& points, size_t most);

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_MEASUREMENT_H_

#include "backend/aiven/measurement.h"

#include <algorithm>
#include <utility>

namespace howdah::aiven {
namespace {

constexpr MetricFacts kFacts[] = {
    {"cpu_usage", "", "%", false},
    {"mem_usage", "", "%", false},
    {"disk_usage", "", "%", false},
    {"diskio_writes", "disk_iowrites", "writes/s", true},
    {"diskio_read", "disk_ioread", "reads/s", true},
    {"net_receive", "", "bytes/s", true},
    {"net_send", "", "bytes/s", true},
    {"mem_available", "", "%", false},
    {"load_average", "", "", false},
};
// In the order of RankBy.
constexpr size_t kFirst = static_cast<size_t>(RankBy::kCpu);

}  // namespace

const MetricFacts& FactsOf(RankBy metric) {
  if (metric == RankBy::kClickHouseInserts) metric = RankBy::kDiskWrites;
  return kFacts[static_cast<size_t>(metric) - kFirst];
}

absl::string_view UnitOf(absl::string_view metric) {
  for (const MetricFacts& facts : kFacts) {
    if (facts.name == metric || facts.other_name == metric) return facts.unit;
  }
  return "";
}

double Summary::Of(Statistic statistic) const {
  switch (statistic) {
    case Statistic::kMaximum:
      return maximum;
    case Statistic::kLatest:
      return latest;
    case Statistic::kAverage:
      break;
  }
  return average;
}

std::optional<Summary> Summarise(const MetricSeries& series) {
  if (series.points.empty()) return std::nullopt;
  Summary summary;
  summary.minimum = summary.maximum = series.points.front().second;
  for (const auto& [time, value] : series.points) {
    summary.minimum = std::min(summary.minimum, value);
    summary.maximum = std::max(summary.maximum, value);
    summary.average += value / static_cast<double>(series.points.size());
    if (time >= summary.latest_time) {
      summary.latest_time = time;
      summary.latest = value;
    }
  }
  return summary;
}

std::optional<Summary> Measure(const Metrics& metrics,
                               const MetricFacts& facts) {
  Summary whole;
  int nodes = 0;
  for (const MetricSeries& series : metrics) {
    if (series.metric != facts.name &&
        (facts.other_name.empty() || series.metric != facts.other_name)) {
      continue;
    }
    const std::optional<Summary> one = Summarise(series);
    if (!one) continue;
    ++nodes;
    whole.minimum += one->minimum;
    whole.average += one->average;
    whole.maximum = facts.adds_up ? whole.maximum + one->maximum
                                  : std::max(whole.maximum, one->maximum);
    whole.latest += one->latest;
    whole.latest_time = std::max(whole.latest_time, one->latest_time);
  }
  if (nodes == 0) return std::nullopt;
  if (!facts.adds_up) {
    whole.minimum /= nodes;
    whole.average /= nodes;
    whole.latest /= nodes;
  }
  return whole;
}

std::vector<std::pair<absl::Time, double>> Thin(
    const std::vector<std::pair<absl::Time, double>>& points, size_t most) {
  if (points.size() <= most) return points;
  std::vector<std::pair<absl::Time, double>> chosen;
  for (size_t i = 1; i <= most; ++i) {
    chosen.push_back(points[i * points.size() / most - 1]);
  }
  return chosen;
}

}  // namespace howdah::aiven

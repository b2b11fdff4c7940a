#include "backend/aiven/measurement.h"

#include "gtest/gtest.h"

namespace howdah::aiven {
namespace {

MetricSeries Series(const std::string& metric, std::vector<double> values) {
  MetricSeries series{.metric = metric, .label = "n", .points = {}};
  int second = 0;
  for (const double value : values) {
    series.points.emplace_back(absl::FromUnixSeconds(second++), value);
  }
  return series;
}

TEST(MeasurementTest, SummarisesASeries) {
  const auto summary = Summarise(Series("cpu_usage", {4, 1, 7}));
  ASSERT_TRUE(summary.has_value());
  EXPECT_EQ(summary->minimum, 1);
  EXPECT_DOUBLE_EQ(summary->average, 4);
  EXPECT_EQ(summary->maximum, 7);
  EXPECT_EQ(summary->latest, 7);
  EXPECT_EQ(summary->latest_time, absl::FromUnixSeconds(2));
  EXPECT_FALSE(Summarise(Series("cpu_usage", {})).has_value());
}

TEST(MeasurementTest, RatesOfNodesAddUpAndSharesDoNot) {
  const Metrics metrics = {
      Series("cpu_usage", {10, 20}), Series("cpu_usage", {30, 40}),
      Series("diskio_writes", {100}), Series("diskio_writes", {50})};
  EXPECT_DOUBLE_EQ(Measure(metrics, FactsOf(RankBy::kCpu))->average, 25);
  EXPECT_DOUBLE_EQ(Measure(metrics, FactsOf(RankBy::kCpu))->maximum, 40);
  EXPECT_DOUBLE_EQ(Measure(metrics, FactsOf(RankBy::kDiskWrites))->average,
                   150);
  EXPECT_FALSE(Measure(metrics, FactsOf(RankBy::kMemory)).has_value());
}

TEST(MeasurementTest, BothSpellingsOfAMetricAreKnown) {
  EXPECT_DOUBLE_EQ(Measure({Series("disk_iowrites", {5})},
                           FactsOf(RankBy::kClickHouseInserts))
                       ->latest,
                   5);
  EXPECT_EQ(UnitOf("disk_iowrites"), "writes/s");
  EXPECT_EQ(UnitOf("strange"), "");
}

TEST(MeasurementTest, ThinsToTheNewest) {
  const auto points = Series("x", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}).points;
  const auto thin = Thin(points, 3);
  ASSERT_EQ(thin.size(), 3u);
  EXPECT_EQ(thin.back().second, 9);
  EXPECT_EQ(Thin(points, 20).size(), 10u);
}

}  // namespace
}  // namespace howdah::aiven

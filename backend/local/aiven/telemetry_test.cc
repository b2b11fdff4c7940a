#include "backend/local/aiven/telemetry.h"

#include <set>
#include <utility>

#include "backend/local/aiven/clickhouse_query.h"
#include "backend/local/aiven/seeded_fleet.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local::aiven {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1790000000);

class TelemetryTest : public ::testing::Test {
 protected:
  const Service& At(const std::string& project, const std::string& name) {
    return *fleet_.Find(project, name);
  }

  // The mean of the first node over the last hour.
  double Mean(const Service& service, const std::string& group) {
    Json metrics = MetricsJson(service, *ParsePeriod("hour"), kStart);
    double sum = 0;
    int count = 0;
    for (const Json& row : metrics[group]["data"]["rows"]) {
      if (!row[1].is_number()) continue;
      sum += row[1].get<double>();
      ++count;
    }
    return sum / count;
  }

  Fleet fleet_ = SeedFleet({kStart, "secret"});
};

TEST_F(TelemetryTest, TheStagingClickHouseWritesMost) {
  double staging = Mean(At("analytics-staging", "analytics-clickhouse-staging"),
                        "diskio_writes");
  double prod =
      Mean(At("analytics-prod", "analytics-clickhouse-prod"), "diskio_writes");
  double dev =
      Mean(At("analytics-dev", "analytics-clickhouse-dev"), "diskio_writes");
  EXPECT_NEAR(staging, 1840, 1840 * 0.1);
  EXPECT_NEAR(prod, 410, 410 * 0.1);
  EXPECT_NEAR(dev, 55, 55 * 0.1);
}

TEST_F(TelemetryTest, NoOtherServiceComesNearTheKnownOnes) {
  for (const auto& [key, service] : fleet_.services) {
    if (service.name == "payments-pg-prod" || !service.powered) continue;
    EXPECT_LT(Mean(service, "cpu_usage"), 80) << service.name;
  }
  EXPECT_GT(Mean(At("payments-prod", "payments-pg-prod"), "cpu_usage"), 80);
}

TEST_F(TelemetryTest, RowsBeginWithTheLabelsAndGoUpToNow) {
  Json metrics = MetricsJson(At("shop-prod", "shop-pg-prod"),
                             *ParsePeriod("hour"), kStart);
  const Json& data = metrics["cpu_usage"]["data"];
  EXPECT_EQ(data["rows"].size(), 121u);
  EXPECT_EQ(data["rows"][0], Json::array({"time", "shop-pg-prod-1 (master)",
                                          "shop-pg-prod-2 (standby)"}));
  EXPECT_EQ(data["cols"].size(), 3u);
  EXPECT_EQ(data["rows"].back()[0], "Date(2026,8,21,14,13,0)");
}

TEST_F(TelemetryTest, AServiceWithoutPowerHasNoMetrics) {
  EXPECT_TRUE(MetricsJson(At("loyalty-staging", "loyalty-pg-staging"),
                          *ParsePeriod("hour"), kStart)
                  .empty());
}

TEST_F(TelemetryTest, PagesOfLogsNeitherRepeatNorLoseLines) {
  const Service& service = At("shop-prod", "shop-pg-prod");
  std::set<std::string> times;
  LogsQuery query;
  query.limit = 500;
  int lines = 0;
  while (true) {
    absl::StatusOr<Json> page = LogsJson(service, query, kStart);
    ASSERT_OK(page.status());
    if ((*page)["logs"].empty()) {
      EXPECT_TRUE((*page)["offset"].is_null());
      break;
    }
    for (const Json& line : (*page)["logs"]) times.insert(line["time"]);
    lines += static_cast<int>((*page)["logs"].size());
    query.offset = (*page)["offset"];
  }
  // Four days, a line each seven seconds.
  EXPECT_EQ(lines, 4 * 86400 / 7);
  EXPECT_EQ(times.size(), static_cast<size_t>(lines));
}

TEST_F(TelemetryTest, LogsCanBeFilteredAndReadForward) {
  LogsQuery query;
  query.newest_first = false;
  query.severity = "ERROR";
  query.limit = 2;
  absl::StatusOr<Json> page =
      LogsJson(At("shop-prod", "shop-pg-prod"), query, kStart);
  ASSERT_OK(page.status());
  ASSERT_EQ((*page)["logs"].size(), 2u);
  EXPECT_LT((*page)["logs"][0]["time"], (*page)["logs"][1]["time"]);
  EXPECT_EQ((*page)["logs"][0]["severity"], "ERROR");
}

TEST_F(TelemetryTest, AForeignOffsetIsRefused) {
  LogsQuery query;
  for (const char* offset : {"nonsense", "log-", "log--1", "log-99999999999",
                             "log--9223372036854775808"}) {
    query.offset = offset;
    EXPECT_FALSE(LogsJson(At("shop-prod", "shop-pg-prod"), query, kStart).ok())
        << offset;
  }
}

TEST_F(TelemetryTest, ClickHouseCountsInsertedRows) {
  const Service& service =
      At("analytics-staging", "analytics-clickhouse-staging");
  auto rows = [&](absl::Time now) {
    absl::StatusOr<Json> answer = ClickHouseAnswer(
        service,
        "SELECT event, value FROM system.events WHERE event IN "
        "('InsertedRows')",
        now);
    return std::stod((*answer)["data"][0][1].get<std::string>());
  };
  EXPECT_NEAR(rows(kStart + absl::Seconds(10)) - rows(kStart), 520000, 2);
}

TEST_F(TelemetryTest, ClickHouseRefusesWhatItDoesNotKnow) {
  const Service& service = At("analytics-prod", "analytics-clickhouse-prod");
  EXPECT_OK(ClickHouseAnswer(service, "select 1", kStart).status());
  for (const char* query :
       {"DROP TABLE page_views", "SELECT version()",
        "SELECT secret FROM system.events", "SELECT * FROM default.page_views",
        "SELECT * FROM system.events WHERE value > 1"}) {
    EXPECT_FALSE(ClickHouseAnswer(service, query, kStart).ok()) << query;
  }
}

}  // namespace
}  // namespace howdah::local::aiven

#include "backend/local/aiven/seeded_fleet.h"

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "backend/local/aiven/catalogue.h"
#include "gtest/gtest.h"

namespace howdah::local::aiven {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1790000000);

class SeededFleetTest : public testing::Test {
 protected:
  std::map<std::string, int> CountBy(std::string Service::*field,
                                     const std::string& type = "") {
    std::map<std::string, int> counts;
    for (const auto& [key, service] : fleet_.services) {
      if (type.empty() || service.type == type) ++counts[service.*field];
    }
    return counts;
  }

  Fleet fleet_ = SeedFleet({kStart, "secret"});
};

using Counts = std::map<std::string, int>;

// These are the answers of docs/aiven-sandbox.md; tests of the tools count on
// them.
TEST_F(SeededFleetTest, HasThirtyProjectsAndOneHundredTwentyServices) {
  EXPECT_EQ(fleet_.projects.size(), 30u);
  EXPECT_EQ(fleet_.services.size(), 120u);
  EXPECT_EQ(CountBy(&Service::type), (Counts{{"clickhouse", 3},
                                             {"grafana", 10},
                                             {"kafka", 18},
                                             {"mysql", 6},
                                             {"opensearch", 13},
                                             {"pg", 40},
                                             {"valkey", 30}}));
}

TEST_F(SeededFleetTest, TiersHaveTheDocumentedCounts) {
  Counts tiers;
  for (const auto& [key, service] : fleet_.services) {
    ++tiers[service.plan.substr(0, service.plan.find('-'))];
  }
  EXPECT_EQ(tiers, (Counts{{"business", 27},
                           {"custom", 1},
                           {"free", 10},
                           {"hobbyist", 22},
                           {"premium", 4},
                           {"startup", 56}}));
}

TEST_F(SeededFleetTest, PostgresIsInFiveRegionsOfFourProviders) {
  EXPECT_EQ(CountBy(&Service::cloud, "pg"),
            (Counts{{"aws-eu-west-1", 12},
                    {"aws-us-east-1", 6},
                    {"azure-westeurope", 3},
                    {"do-fra", 13},
                    {"google-europe-west3", 6}}));
}

TEST_F(SeededFleetTest, ThreeServicesAreNotRunning) {
  Counts states;
  for (const auto& [key, service] : fleet_.services) {
    ++states[std::string(StateName(StateAt(service, kStart)))];
  }
  EXPECT_EQ(states, (Counts{{"POWEROFF", 1},
                            {"REBALANCING", 1},
                            {"REBUILDING", 1},
                            {"RUNNING", 117}}));
}

TEST_F(SeededFleetTest, BusyServicesRunLater) {
  const Service* busy = fleet_.Find("logistics-dev", "logistics-pg-dev");
  EXPECT_EQ(StateAt(*busy, kStart), ServiceState::kRebuilding);
  EXPECT_EQ(StateAt(*busy, kStart + absl::Hours(6)), ServiceState::kRunning);
}

TEST_F(SeededFleetTest, EndsOfLifeAreAtTheDocumentedDistance) {
  std::set<std::string> past, soon;
  for (const auto& [key, service] : fleet_.services) {
    std::optional<absl::Time> end = EndOfLife(service, kStart);
    if (!end.has_value()) continue;
    if (*end <= kStart) {
      past.insert(service.name);
    } else if (*end < kStart + absl::Hours(24 * 90)) {
      soon.insert(service.name);
    }
  }
  EXPECT_EQ(past, (std::set<std::string>{"loyalty-pg-prod",
                                         "search-opensearch-dev"}));
  EXPECT_EQ(soon,
            (std::set<std::string>{"billing-pg-staging", "catalog-pg-prod",
                                   "fraud-kafka-prod", "fraud-kafka-staging"}));
}

TEST_F(SeededFleetTest, EveryServiceIsOfWhatIsOffered) {
  for (const auto& [key, service] : fleet_.services) {
    EXPECT_NE(FindPlan(service.type, service.plan), nullptr) << service.name;
    EXPECT_NE(FindCloud(service.cloud), nullptr) << service.name;
    EXPECT_NE(FindVersion(service.type, service.version), nullptr)
        << service.name;
    EXPECT_EQ(service.project, key.first);
  }
}

TEST_F(SeededFleetTest, TheSameStartGivesTheSameFleet) {
  Fleet again = SeedFleet({kStart, "secret"});
  const Service* one = fleet_.Find("analytics-prod", "analytics-pg-prod");
  const Service* other = again.Find("analytics-prod", "analytics-pg-prod");
  EXPECT_EQ(one->created, other->created);
  EXPECT_EQ(one->users[0].password, other->users[0].password);
  ASSERT_EQ(fleet_.events.size(), again.events.size());
  EXPECT_EQ(fleet_.events.back().description, again.events.back().description);
}

TEST_F(SeededFleetTest, PasswordsFollowFromTheSecret) {
  Fleet other = SeedFleet({kStart, "another"});
  const std::string& password =
      fleet_.Find("shop-prod", "shop-pg-prod")->users[0].password;
  EXPECT_TRUE(absl::StartsWith(password, "AVNS_"));
  EXPECT_EQ(password.size(), 22u);
  EXPECT_NE(password,
            other.Find("shop-prod", "shop-pg-prod")->users[0].password);
}

TEST_F(SeededFleetTest, EventsAreInOrderAndMoreThanOnePage) {
  int of_payments = 0;
  for (size_t i = 0; i < fleet_.events.size(); ++i) {
    if (i > 0) {
      EXPECT_LE(fleet_.events[i - 1].time, fleet_.events[i].time);
    }
    if (fleet_.events[i].project == "payments-prod") ++of_payments;
  }
  EXPECT_EQ(of_payments, 124);
}

}  // namespace
}  // namespace howdah::local::aiven

#include "backend/aiven/fleet_query.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::aiven {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Service Make(const std::string& name, const std::string& type,
             const std::string& plan, const std::string& region,
             const std::string& version) {
  Service service;
  service.project = "demo";
  service.name = name;
  service.type = type;
  service.state = "RUNNING";
  service.plan = plan;
  service.tier = TierOf(plan);
  service.provider = "aws";
  service.region = region;
  service.cloud = "aws-" + region;
  service.version = version;
  return service;
}

class FleetQueryTest : public ::testing::Test {
 protected:
  FleetQueryTest() {
    services_ = {Make("a", "pg", "business-8", "eu-west-1", "16.4"),
                 Make("b", "pg", "hobbyist", "us-east-1", "9.6"),
                 Make("c", "kafka", "premium-6x-8", "eu-west-1", "3.8"),
                 Make("d", "pg", "startup-4", "eu-west-1", "16")};
    services_[1].state = "POWEROFF";
    services_[2].tags = {{"env", "prod"}};
    for (const Service& service : services_) rows_.push_back({&service});
    rows_[1].end_of_life = absl::FromUnixSeconds(1'000'000);
  }

  std::vector<std::string> Names(const FleetQuery& query) const {
    return NamesOf(Select(rows_, query));
  }
  static std::vector<std::string> NamesOf(const std::vector<FleetRow>& rows) {
    std::vector<std::string> names;
    for (const FleetRow& row : rows) names.push_back(row.service->name);
    return names;
  }

  std::vector<Service> services_;
  std::vector<FleetRow> rows_;
};

TEST_F(FleetQueryTest, AllFiltersMustMatch) {
  EXPECT_THAT(Names({}), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(Names({.types = {"PostgreSQL"}}), ElementsAre("a", "b", "d"));
  EXPECT_THAT(Names({.types = {"pg"}, .regions = {"eu-west-1"}}),
              ElementsAre("a", "d"));
  EXPECT_THAT(Names({.plans = {"premium-*", "hobbyist"}}),
              ElementsAre("b", "c"));
  EXPECT_THAT(Names({.tiers = {PlanTier::kBusiness, PlanTier::kPremium}}),
              ElementsAre("a", "c"));
  EXPECT_THAT(Names({.clouds = {"aws-us-east-1"}}), ElementsAre("b"));
  EXPECT_THAT(Names({.clouds = {"AWS"}}), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(Names({.tags = {"env"}}), ElementsAre("c"));
  EXPECT_THAT(Names({.tags = {"env=dev"}}), IsEmpty());
  EXPECT_THAT(Names({.versions = {"16"}}), ElementsAre("a", "d"));
  EXPECT_THAT(Names({.versions = {"1"}}), IsEmpty());
  EXPECT_THAT(Names({.end_of_life_before = absl::FromUnixSeconds(2'000'000)}),
              ElementsAre("b"));
  EXPECT_THAT(Names({.pending_updates = true}), IsEmpty());
  EXPECT_THAT(Names({.name_contains = "C"}), ElementsAre("c"));
}

// D9: POWERED_OFF was offered, and found nothing.
TEST_F(FleetQueryTest, StatesAreFoundHoweverTheyAreWritten) {
  for (const char* state : {"POWEROFF", "POWERED_OFF", "powered off"}) {
    EXPECT_THAT(Names({.states = {state}}), ElementsAre("b")) << state;
  }
}

TEST_F(FleetQueryTest, SortsNumbersAsNumbers) {
  std::vector<FleetRow> rows = rows_;
  Sort(rows, Property::kVersion, false);
  EXPECT_THAT(NamesOf(rows), ElementsAre("c", "b", "d", "a"));
  Sort(rows, Property::kVersion, true);
  EXPECT_THAT(NamesOf(rows), ElementsAre("a", "d", "b", "c"));
  Sort(rows, Property::kEndOfLife, false);
  EXPECT_THAT(NamesOf(rows), ElementsAre("b", "a", "c", "d"));
}

TEST_F(FleetQueryTest, CountsByProperties) {
  const auto groups = Count(rows_, {Property::kRegion, Property::kType});
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_THAT(groups[0].values, ElementsAre("eu-west-1", "pg"));
  EXPECT_EQ(groups[0].count, 2);
}

TEST_F(FleetQueryTest, ASlipIsExplained) {
  const auto sentences =
      ExplainUnknownValues(rows_, {.types = {"pg", "postgre"}});
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_THAT(sentences[0], HasSubstr("type \"postgre\"; there are pg, kafka"));
}

TEST_F(FleetQueryTest, EndOfLifeComesFromTheVersionOrTheNotice) {
  const std::vector<ServiceVersion> versions = {
      {"pg", "16", absl::FromUnixSeconds(5)},
      {"kafka", "3.8", absl::FromUnixSeconds(7)}};
  EXPECT_EQ(EndOfLife(services_[0], versions), absl::FromUnixSeconds(5));
  EXPECT_EQ(EndOfLife(services_[1], versions), absl::InfinitePast());
  services_[2].end_of_life = absl::FromUnixSeconds(9);
  EXPECT_EQ(EndOfLife(services_[2], versions), absl::FromUnixSeconds(9));
}

TEST(PlanTierTest, ComesFromThePlansName) {
  EXPECT_EQ(TierOf("business-8"), PlanTier::kBusiness);
  EXPECT_EQ(TierOf("hobbyist"), PlanTier::kHobbyist);
  EXPECT_EQ(TierOf("free-1-1gb"), PlanTier::kFree);
  EXPECT_EQ(TierOf("something-new"), PlanTier::kOther);
  EXPECT_EQ(TierOf(""), PlanTier::kOther);
  EXPECT_FALSE(IsPro(PlanTier::kStartup));
  EXPECT_TRUE(IsPro(PlanTier::kProfessional));
}

}  // namespace
}  // namespace howdah::aiven

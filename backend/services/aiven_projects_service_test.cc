// What answers say of where they come from, over an account of HTTP.
#include "backend/services/aiven_projects_service.h"

#include <memory>
#include <utility>
#include <vector>

#include "backend/aiven/client/rest_account.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/http_imposter.h"
#include "tests/support/status_matchers.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::aiven::v1;
using ::howdah::testing::Exchange;
using ::howdah::testing::FakeClock;
using ::howdah::testing::HttpImposter;

TEST(AivenProjectsServiceTest, AnAnswerTellsItsAgeAndCanBePassedBy) {
  HttpImposter imposter;
  imposter.Otherwise([](Exchange& exchange) {
    exchange.Reply({.body = R"({"projects":[{"project_name":"a"}]})"});
  });
  FakeClock clock;
  aiven::AccountSettings settings;
  settings.name = "default";
  settings.token = "t";
  settings.base_url = imposter.url() + "/v1";
  std::vector<std::unique_ptr<aiven::Account>> accounts;
  accounts.push_back(aiven::MakeRestAccount(settings, {}, clock));
  const aiven::Accounts all(std::move(accounts));
  AivenProjectsService service(all);
  pb::ListProjectsRequest request;
  request.set_page_size(10);
  EXPECT_EQ(service.ListProjects({}, request)->source().age_seconds(), 0);
  clock.Advance(absl::Seconds(20));
  const auto kept = service.ListProjects({}, request);
  ASSERT_OK(kept);
  EXPECT_EQ(kept->source().age_seconds(), 20);
  EXPECT_EQ(kept->source().account(), "default");
  request.set_refresh(true);
  EXPECT_EQ(service.ListProjects({}, request)->source().age_seconds(), 0);
  EXPECT_EQ(imposter.requests().size(), 2u);
}

}  // namespace
}  // namespace howdah::services

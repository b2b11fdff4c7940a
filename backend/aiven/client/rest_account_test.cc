// The client against a real HTTP server that misbehaves.
#include "backend/aiven/client/rest_account.h"

#include <atomic>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/http_imposter.h"
#include "tests/support/status_matchers.h"

namespace howdah::aiven {
namespace {

using howdah::testing::Answered;
using howdah::testing::Exchange;
using howdah::testing::FakeClock;
using howdah::testing::Gate;
using howdah::testing::HasReason;
using howdah::testing::HttpImposter;
using howdah::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kProjects[] =
    R"({"projects":[{"project_name":"b"},{"project_name":"a"}]})";
constexpr char kRateLimited[] =
    R"({"message":"The user has sent too many requests in a given amount of )"
    R"(time: Rate limit 120 exceeded - try again in 28s","errors":[]})";

class RestAccountTest : public ::testing::Test {
 protected:
  std::unique_ptr<Account> Make(AccountSettings settings = {}) {
    settings.name = "test";
    if (settings.token.empty() && settings.token_file.empty()) {
      settings.token = "secret-token";
    }
    settings.base_url = imposter_.url() + "/v1";
    return MakeRestAccount(settings,
                           {.rate = rate_,
                            .try_timeout = absl::Minutes(5),
                            .most_at_once = most_at_once_,
                            .random = [] { return 0.0; }},
                           clock_);
  }
  void AnswerAll(Answered answer) {
    imposter_.Otherwise(
        [answer](Exchange& exchange) { exchange.Reply(answer); });
  }
  std::vector<std::string> Targets() const {
    std::vector<std::string> targets;
    for (const auto& request : imposter_.requests()) {
      targets.push_back(absl::StrCat(request.method, " ", request.target));
    }
    return targets;
  }

  FakeClock clock_;
  RateLimitOptions rate_;
  size_t most_at_once_ = 32;
  HttpImposter imposter_;
};

TEST_F(RestAccountTest, AsksOnceAndRemembers) {
  imposter_.Answer({.body = kProjects});
  const auto account = Make();
  const auto projects = account->ListProjects({});
  ASSERT_OK(projects);
  EXPECT_THAT(*projects->value, SizeIs(2));
  EXPECT_EQ(projects->value->front().name, "a");
  EXPECT_OK(account->ListProjects({}));
  EXPECT_THAT(Targets(), ElementsAre("GET /v1/project"));
  EXPECT_EQ(imposter_.requests()[0].Header("authorization"),
            "aivenv1 secret-token");
}

TEST_F(RestAccountTest, WhatIsOldOrUnwantedIsReadAgain) {
  AnswerAll({.body = kProjects});
  const auto account = Make();
  EXPECT_OK(account->ListProjects({}));
  EXPECT_OK(account->ListProjects({.refresh = true}));
  EXPECT_THAT(Targets(), SizeIs(2));
  clock_.Advance(absl::Seconds(61));
  EXPECT_OK(account->ListProjects({}));
  EXPECT_THAT(Targets(), SizeIs(3));
}

// D15: 429 is obeyed, whether the text says when or the header does.
TEST_F(RestAccountTest, A429IsAskedAgainAfterTheTimeItTells) {
  imposter_.Answer({.status = 429, .body = kRateLimited});
  imposter_.Answer({.status = 429, .headers = {{"Retry-After", "7"}}});
  imposter_.Answer({.body = kProjects});
  EXPECT_OK(Make()->ListProjects({}));
  EXPECT_THAT(clock_.slept(), ElementsAre(absl::Seconds(28), absl::Seconds(7)));
}

TEST_F(RestAccountTest, A429ThatLastsBeyondTheDeadlineIsTold) {
  AnswerAll({.status = 429, .body = kRateLimited});
  const auto result =
      Make()->ListProjects({.deadline = clock_.Now() + absl::Seconds(20)});
  EXPECT_THAT(result.status(), StatusIs(absl::StatusCode::kResourceExhausted,
                                        HasSubstr("try again in 28s")));
  EXPECT_THAT(result.status(), HasReason("AIVEN_RATE_LIMITED"));
  EXPECT_THAT(Targets(), SizeIs(1));
}

// In a storm of 429 every question gets its one answer.
TEST_F(RestAccountTest, AStormOf429LosesAndDoublesNothing) {
  std::atomic<int> refused = 0;
  imposter_.Otherwise([&](Exchange& exchange) {
    if (refused++ < 20) {
      return exchange.Reply({.status = 429, .body = kRateLimited});
    }
    const std::string& target = exchange.request().target;
    if (absl::EndsWith(target, "/service_versions")) {
      return exchange.Reply({.body = R"({"service_versions":[]})"});
    }
    const std::string project = target.substr(target.find("/p") + 9, 3);
    exchange.Reply({.body = absl::StrCat(R"({"services":[{"service_name":"of-)",
                                         project, "\"}]}")});
  });
  const auto account = Make();
  std::vector<std::string> projects;
  for (int i = 100; i < 130; ++i) projects.push_back(absl::StrCat(i));
  const FleetReading fleet = account->ReadFleet(projects, {});
  for (const ProjectReading& reading : fleet.projects) {
    ASSERT_OK(reading.services);
    ASSERT_THAT(*reading.services->value, SizeIs(1));
    EXPECT_EQ(reading.services->value->front().name, "of-" + reading.project);
  }
}

// D1: an error without a body was a success.
TEST_F(RestAccountTest, AnErrorWithoutABodyIsAnError) {
  AnswerAll({.status = 503});
  EXPECT_THAT(Make()->ListProjects({}).status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("503")));
  EXPECT_THAT(Targets(), SizeIs(7)) << "tried as the table says";
}

TEST_F(RestAccountTest, WhatPassesByItselfIsAskedAgain) {
  imposter_.Then([](Exchange& exchange) { exchange.Tear(); });
  imposter_.Then([](Exchange& exchange) {
    exchange.Begin(200, {});
    exchange.Write(R"({"projects":[{"project_na)");
    exchange.Tear();
  });
  imposter_.Answer({.body = R"({"projects":[{"project_na)"});
  imposter_.Answer({.status = 502, .body = "<html>bad gateway</html>"});
  imposter_.Answer({.body = kProjects});
  const auto projects = Make()->ListProjects({});
  ASSERT_OK(projects);
  EXPECT_THAT(*projects->value, SizeIs(2));
  EXPECT_THAT(clock_.slept(),
              ElementsAre(absl::Milliseconds(250), absl::Seconds(2),
                          absl::Seconds(4), absl::Seconds(8)));
}

TEST_F(RestAccountTest, ADeadUpstreamIsTold) {
  AccountSettings settings{
      .name = "test", .base_url = "http://127.0.0.1:1/v1", .token = "t"};
  const auto account =
      MakeRestAccount(settings, {.random = [] { return 0.0; }}, clock_);
  EXPECT_THAT(
      account->ListProjects({}).status(),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("the projects")));
}

TEST_F(RestAccountTest, ASlowUpstreamEndsWithTheDeadline) {
  Gate gate;
  imposter_.Otherwise([&](Exchange& exchange) {
    gate.Wait();
    exchange.Reply({.body = kProjects});
  });
  const auto result = Make()->ListProjects(
      {.deadline = clock_.Now() + absl::Milliseconds(200)});
  EXPECT_THAT(result.status(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  gate.Open();
}

TEST_F(RestAccountTest, ACancelledCallEndsAtOnceAndOthersGoOn) {
  Gate gate;
  imposter_.Then([&](Exchange& exchange) {
    exchange.WaitUntilClientLeaves();
    gate.Open();
  });
  imposter_.Answer({.body = kProjects});
  const auto account = Make();
  std::stop_source stop;
  absl::Status first;
  std::thread cancelled([&] {
    first = account->ListProjects({.cancelled = stop.get_token()}).status();
  });
  ASSERT_TRUE(imposter_.WaitForRequests(1));
  // Waits for the flight of the first, and takes its place when that ends.
  std::thread other([&] { EXPECT_OK(account->ListProjects({})); });
  stop.request_stop();
  cancelled.join();
  other.join();
  gate.Wait();
  EXPECT_THAT(first, StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(RestAccountTest, ManyWhoWantTheSameAskOnce) {
  Gate gate;
  imposter_.Then([&](Exchange& exchange) {
    gate.Wait();
    exchange.Reply({.body = kProjects});
  });
  const auto account = Make();
  std::vector<std::thread> callers;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] { EXPECT_OK(account->ListProjects({})); });
  }
  ASSERT_TRUE(imposter_.WaitForRequests(1));
  gate.Open();
  for (std::thread& caller : callers) caller.join();
  EXPECT_THAT(Targets(), SizeIs(1));
}

TEST_F(RestAccountTest, ARenewedTokenIsUsedWithoutLosingACall) {
  const std::string path = ::testing::TempDir() + "/token";
  std::ofstream(path) << "old\n";
  imposter_.Otherwise([&](Exchange& exchange) {
    if (exchange.request().Header("authorization") == "aivenv1 new") {
      return exchange.Reply({.body = kProjects});
    }
    // The token is renewed while the request is under way.
    std::ofstream(path) << "new\n";
    exchange.Reply(
        {.status = 401, .body = R"({"message":"Missing (expired) db token"})"});
  });
  AccountSettings settings;
  settings.token_file = path;
  const auto account = Make(settings);
  EXPECT_OK(account->ListProjects({}));
  EXPECT_THAT(Targets(), SizeIs(2));
  EXPECT_THAT(clock_.slept(), IsEmpty());
}

TEST_F(RestAccountTest, WhatAnotherTokenReadIsNotUsed) {
  const std::string path = ::testing::TempDir() + "/token2";
  std::ofstream(path) << "one";
  AnswerAll({.body = kProjects});
  AccountSettings settings;
  settings.token_file = path;
  const auto account = Make(settings);
  EXPECT_OK(account->ListProjects({}));
  std::ofstream(path) << "two";
  EXPECT_OK(account->ListProjects({}));
  EXPECT_THAT(Targets(), SizeIs(2));
  // Half a rotation: the last good token stays.
  std::ofstream(path) << "";
  EXPECT_OK(account->ListProjects({}));
  EXPECT_THAT(Targets(), SizeIs(2));
}

TEST_F(RestAccountTest, ARejectedTokenIsToldOnce) {
  AnswerAll(
      {.status = 401, .body = R"({"message":"Missing (expired) db token"})"});
  EXPECT_THAT(Make()->ListProjects({}).status(),
              HasReason("AIVEN_TOKEN_REJECTED"));
  EXPECT_THAT(Targets(), SizeIs(1));
}

// D2: nothing is sent for a name that leads elsewhere.
TEST_F(RestAccountTest, BadNamesNeverBecomeARequest) {
  AnswerAll({.body = "{}"});
  const auto account = Make();
  for (const std::string name : {"..", ".", "", "a/b", "a?b"}) {
    EXPECT_THAT(account->GetService({"demo", name}, {}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(account->ListEvents(name, {}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(account->GetLogs({name, "s"}, {}, {}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(account->GetConnectionSecrets({"demo", name}, {}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(account->GetMetrics({{"demo", name}}, "hour", {})[0].status(),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(Targets(), IsEmpty());
}

TEST_F(RestAccountTest, SecretsAreReadAnewEachTimeAndOnlyThere) {
  AnswerAll({.body = R"({"service":{"service_name":"s","service_type":"pg",
                        "service_uri_params":{"host":"h","password":"p"}}})"});
  const auto account = Make();
  EXPECT_OK(account->GetService({"demo", "s"}, {}));
  EXPECT_OK(account->GetConnectionSecrets({"demo", "s"}, {}));
  EXPECT_OK(account->GetConnectionSecrets({"demo", "s"}, {}));
  EXPECT_THAT(
      Targets(),
      ElementsAre("GET /v1/project/demo/service/s",
                  "GET /v1/project/demo/service/s?include_secrets=true",
                  "GET /v1/project/demo/service/s?include_secrets=true"));
}

TEST_F(RestAccountTest, ReadsAFleetAtOnceAndNamesWhatItLacks) {
  imposter_.Otherwise([](Exchange& exchange) {
    const std::string& target = exchange.request().target;
    if (absl::StrContains(target, "/bad/")) {
      return exchange.Reply(
          {.status = 403, .body = R"({"message":"Not a project member"})"});
    }
    exchange.Reply({.body = absl::EndsWith(target, "/service")
                                ? R"({"services":[{"service_name":"s"}]})"
                                : R"({"service_versions":[]})"});
  });
  const auto account = Make();
  const FleetReading fleet = account->ReadFleet({"good", "bad"}, {});
  ASSERT_THAT(fleet.projects, SizeIs(2));
  EXPECT_OK(fleet.projects[0].services);
  EXPECT_THAT(fleet.projects[1].services.status(),
              HasReason("AIVEN_PERMISSION"));
  EXPECT_OK(fleet.versions);
  EXPECT_THAT(Targets(), Contains("GET /v1/service_versions"));
}

// One refusal by the rate limit makes all behind it wait, and the versions are
// not waited for long.
TEST_F(RestAccountTest, AFleetsVersionsAreAskedForFirst) {
  most_at_once_ = 1;
  AnswerAll({.body = R"({"services":[],"service_versions":[]})"});
  Make()->ReadFleet({"a", "b"}, {});
  EXPECT_THAT(Targets(), ElementsAre("GET /v1/service_versions",
                                     "GET /v1/project/a/service",
                                     "GET /v1/project/b/service"));
}

TEST_F(RestAccountTest, TheSandboxIsKnownByItsHeader) {
  imposter_.Answer(
      {.body = kProjects, .headers = {{"Howdah-Aiven-Sandbox", "true"}}});
  const auto account = Make();
  EXPECT_FALSE(account->is_sandbox());
  EXPECT_OK(account->ListProjects({}));
  EXPECT_TRUE(account->is_sandbox());
}

TEST_F(RestAccountTest, NeverPassesTheRateLimit) {
  rate_ = {.calls = 10, .window = absl::Minutes(1)};
  // The clock moves when one of them sleeps, so one at a time.
  most_at_once_ = 1;
  std::mutex mutex;
  std::vector<absl::Time> arrivals;
  imposter_.Otherwise([&](Exchange& exchange) {
    {
      const std::lock_guard lock(mutex);
      arrivals.push_back(clock_.Now());
    }
    exchange.Reply({.body = R"({"services":[]})"});
  });
  const auto account = Make();
  std::vector<std::string> projects;
  for (int i = 0; i < 25; ++i) projects.push_back(absl::StrCat("p", i));
  account->ReadFleet(projects, {});
  EXPECT_GE(arrivals.size(), 25u);
  for (size_t i = 10; i < arrivals.size(); ++i) {
    EXPECT_GE(arrivals[i] - arrivals[i - 10], absl::Seconds(59)) << i;
  }
}

}  // namespace
}  // namespace howdah::aiven

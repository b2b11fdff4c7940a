#include "backend/kubernetes/rest_control_plane.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/http_imposter.h"
#include "tests/support/self_signed.h"
#include "tests/support/status_matchers.h"

namespace howdah::kubernetes {
namespace {

using ::howdah::testing::Answered;
using ::howdah::testing::Exchange;
using ::howdah::testing::FakeClock;
using ::howdah::testing::HasReason;
using ::howdah::testing::HttpImposter;
using ::howdah::testing::MakeSelfSigned;
using ::howdah::testing::StatusIs;
using ::nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const ObjectKey kDemo{"default", "demo"};

Answered Failure(int code, absl::string_view reason,
                 howdah::testing::Headers headers = {}) {
  const json status = {{"kind", "Status"},
                       {"code", code},
                       {"reason", std::string(reason)},
                       {"message", "upstream says"},
                       {"details", {{"name", "demo"}, {"kind", "clusters"}}}};
  return {code, status.dump(), std::move(headers)};
}

class RestControlPlaneTest : public ::testing::Test {
 protected:
  void SetUp() override {
    connection_.context = "test";
    connection_.server = imposter_.url();
    connection_.token = "secret";
    Connect();
  }
  void Connect() {
    ApiClientOptions options;
    options.random = [] { return 0.0; };
    plane_ = MakeRestControlPlane(connection_, options, clock_);
  }
  std::vector<std::string> Targets() {
    std::vector<std::string> targets;
    for (const auto& request : imposter_.requests()) {
      targets.push_back(absl::StrCat(request.method, " ", request.target));
    }
    return targets;
  }

  HttpImposter imposter_;
  FakeClock clock_;
  Connection connection_;
  std::unique_ptr<ControlPlane> plane_;
  Call call_;
};

TEST_F(RestControlPlaneTest, GetAsksForTheObjectWithItsCredentials) {
  imposter_.Answer({200, R"({"kind":"Cluster"})", {}});
  const auto object = plane_->Get(kClusters, kDemo, call_);
  ASSERT_OK(object);
  EXPECT_EQ((*object)["kind"], "Cluster");
  const auto request = imposter_.requests().at(0);
  EXPECT_EQ(request.target,
            "/apis/postgresql.cnpg.io/v1/namespaces/default/clusters/demo");
  EXPECT_EQ(request.Header("authorization"), "Bearer secret");
  EXPECT_EQ(request.Header("accept"), "application/json");
}

TEST_F(RestControlPlaneTest, ANameCannotLeadElsewhere) {
  for (const char* name : {"", ".", "..", "a/b", "a%2fb"}) {
    EXPECT_THAT(plane_->Get(kClusters, {"default", name}, call_),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
  imposter_.Answer({200, "{}", {}});
  ASSERT_OK(plane_->Get(kPods, {"default", "a?b#c"}, call_));
  EXPECT_THAT(Targets(),
              ElementsAre("GET /api/v1/namespaces/default/pods/a%3Fb%23c"));
}

TEST_F(RestControlPlaneTest, ListsComeByPages) {
  imposter_.Answer({200,
                    R"({"metadata":{"resourceVersion":"7","continue":"c/+"},)"
                    R"("items":[{"a":1},{"a":2}]})",
                    {}});
  imposter_.Answer(
      {200, R"({"metadata":{"resourceVersion":"7"},"items":null})", {}});
  ListOptions options;
  options.limit = 2;
  options.label_selector = "cnpg.io/cluster=demo";
  auto page = plane_->List(kPods, "", options, call_);
  ASSERT_OK(page);
  EXPECT_THAT(page->items, SizeIs(2));
  EXPECT_EQ(page->resource_version, "7");
  options.continue_token = page->continue_token;
  page = plane_->List(kPods, "", options, call_);
  ASSERT_OK(page);
  EXPECT_THAT(page->items, SizeIs(0));
  EXPECT_EQ(page->continue_token, "");
  EXPECT_THAT(
      Targets(),
      ElementsAre("GET /api/v1/pods?labelSelector=cnpg.io%2Fcluster%3Ddemo"
                  "&limit=2",
                  "GET /api/v1/pods?labelSelector=cnpg.io%2Fcluster%3Ddemo"
                  "&limit=2&continue=c%2F%2B"));
}

TEST_F(RestControlPlaneTest, WritesAreStrictAndNamed) {
  imposter_.Answer({201,
                    R"({"metadata":{"resourceVersion":"9"}})",
                    {{"Warning", R"(299 - "six \"fields\"", 299 kube "two")"},
                     {"Warning", R"(199 - "other")"}}});
  const auto written =
      plane_->Create(kClusters, "default", {{"metadata", {{"name", "demo"}}}},
                     {.dry_run = true}, call_);
  ASSERT_OK(written);
  EXPECT_EQ(written->object["metadata"]["resourceVersion"], "9");
  EXPECT_THAT(written->warnings, ElementsAre("six \"fields\"", "two"));
  imposter_.Answer({200, "{}", {}});
  ASSERT_OK(plane_->Patch(kClusters, kDemo, PatchType::kMerge,
                          {{"spec", {{"instances", 3}}}}, {}, call_));
  imposter_.Answer({200, "{}", {}});
  ASSERT_OK(plane_->Patch(kClusters, kDemo, PatchType::kJson, json::array(),
                          {.subresource = "status"}, call_));
  const std::string base =
      " /apis/postgresql.cnpg.io/v1/namespaces/default/clusters";
  const std::string query = "?fieldManager=howdah&fieldValidation=Strict";
  EXPECT_THAT(Targets(), ElementsAre("POST" + base + query + "&dryRun=All",
                                     "PATCH" + base + "/demo" + query,
                                     "PATCH" + base + "/demo/status" + query));
  const auto requests = imposter_.requests();
  EXPECT_EQ(requests[0].body, R"({"metadata":{"name":"demo"}})");
  EXPECT_EQ(requests[0].Header("content-type"), "application/json");
  EXPECT_EQ(requests[1].Header("content-type"), "application/merge-patch+json");
  EXPECT_EQ(requests[2].Header("content-type"), "application/json-patch+json");
}

TEST_F(RestControlPlaneTest, DeleteSendsItsPreconditions) {
  imposter_.Answer({200, "{}", {}});
  ASSERT_OK(plane_->Delete(
      kClusters, kDemo, {.dry_run = true, .uid = "u", .resource_version = "5"},
      call_));
  const auto request = imposter_.requests().at(0);
  EXPECT_EQ(request.method, "DELETE");
  const json body = json::parse(request.body);
  // In the body: beside one, the API server does not read the query.
  EXPECT_EQ(body["dryRun"], json({"All"}));
  EXPECT_EQ(body["propagationPolicy"], "Background");
  EXPECT_EQ(body["preconditions"],
            json({{"uid", "u"}, {"resourceVersion", "5"}}));
}

TEST_F(RestControlPlaneTest, ARetriedDeleteThatFindsNothingHasSucceeded) {
  imposter_.Then([](Exchange& exchange) { exchange.Tear(); });
  imposter_.Answer(Failure(404, "NotFound"));
  EXPECT_OK(plane_->Delete(kClusters, kDemo, {.uid = "u"}, call_));
  imposter_.Answer(Failure(404, "NotFound"));
  EXPECT_THAT(plane_->Delete(kClusters, kDemo, {.uid = "u"}, call_),
              HasReason("OBJECT_NOT_FOUND"));
}

TEST_F(RestControlPlaneTest, ReadsAreTriedAgainWithGrowingPauses) {
  imposter_.Then([](Exchange& exchange) { exchange.Tear(); });
  imposter_.Answer(Failure(500, "InternalError"));
  imposter_.Answer({503, "", {}});
  imposter_.Answer({200, "{}", {}});
  EXPECT_OK(plane_->Get(kClusters, kDemo, call_));
  EXPECT_THAT(clock_.slept(),
              ElementsAre(absl::Milliseconds(50), absl::Milliseconds(100),
                          absl::Milliseconds(200)));
}

TEST_F(RestControlPlaneTest, TriesEndWithTheLastError) {
  imposter_.Otherwise([](Exchange& exchange) {
    exchange.Reply({503, "", {}});
  });
  EXPECT_THAT(plane_->Get(kClusters, kDemo, call_),
              AllOf(StatusIs(absl::StatusCode::kUnavailable),
                    HasReason("UPSTREAM_UNAVAILABLE")));
  EXPECT_THAT(imposter_.requests(), SizeIs(6));
}

TEST_F(RestControlPlaneTest, PermanentErrorsAreNotTriedAgain) {
  for (const int code : {400, 401, 403, 404, 409, 410, 422}) {
    imposter_.Answer(Failure(code, "x"));
    EXPECT_FALSE(plane_->Get(kClusters, kDemo, call_).ok());
  }
  EXPECT_THAT(imposter_.requests(), SizeIs(7));
  EXPECT_THAT(clock_.slept(), SizeIs(0));
}

TEST_F(RestControlPlaneTest, RetryAfterIsHonouredAlsoForAPost) {
  imposter_.Answer(Failure(429, "TooManyRequests", {{"Retry-After", "3"}}));
  imposter_.Answer({201, "{}", {}});
  EXPECT_OK(plane_->Create(kClusters, "default", json::object(), {}, call_));
  EXPECT_THAT(clock_.slept(), ElementsAre(absl::Seconds(3)));
}

TEST_F(RestControlPlaneTest, APauseBeyondTheDeadlineIsNotBegun) {
  imposter_.Answer(Failure(429, "TooManyRequests", {{"Retry-After", "20"}}));
  call_.deadline = clock_.Now() + absl::Seconds(10);
  const auto object = plane_->Get(kClusters, kDemo, call_);
  EXPECT_THAT(object, StatusIs(absl::StatusCode::kResourceExhausted));
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(support::GetDetail(object.status(), retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 20);
  EXPECT_THAT(clock_.slept(), SizeIs(0));
}

TEST_F(RestControlPlaneTest, APostThatMayHaveBeenDoneIsNotRepeated) {
  imposter_.Then([](Exchange& exchange) { exchange.Tear(); });
  EXPECT_THAT(plane_->Create(kClusters, "default", json::object(), {}, call_),
              AllOf(StatusIs(absl::StatusCode::kUnavailable),
                    HasReason("API_SERVER_UNREACHABLE")));
  imposter_.Answer({503, "", {}});
  EXPECT_THAT(plane_->Create(kClusters, "default", json::object(), {}, call_),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(imposter_.requests(), SizeIs(2));
}

TEST_F(RestControlPlaneTest, APatchIsRepeatedOnlyWithAVersion) {
  imposter_.Then([](Exchange& exchange) { exchange.Tear(); });
  EXPECT_THAT(plane_->Patch(kClusters, kDemo, PatchType::kMerge,
                            {{"spec", {{"instances", 3}}}}, {}, call_),
              StatusIs(absl::StatusCode::kUnavailable));
  imposter_.Then([](Exchange& exchange) { exchange.Tear(); });
  imposter_.Answer(Failure(409, "Conflict"));
  EXPECT_THAT(
      plane_->Patch(kClusters, kDemo, PatchType::kMerge,
                    {{"metadata", {{"resourceVersion", "4"}}}}, {}, call_),
      AllOf(StatusIs(absl::StatusCode::kAborted), HasReason("CONFLICT")));
  EXPECT_THAT(imposter_.requests(), SizeIs(3));
}

TEST_F(RestControlPlaneTest, ARefusedTokenIsReadAgainOnce) {
  const std::string file =
      (std::filesystem::path(::testing::TempDir()) / "rest_token").string();
  std::ofstream(file) << "old";
  connection_.token = "";
  connection_.token_file = file;
  Connect();
  imposter_.Then([&](Exchange& exchange) {
    std::ofstream(file) << "new";
    exchange.Reply(Failure(401, "Unauthorized"));
  });
  imposter_.Answer({200, "{}", {}});
  EXPECT_OK(plane_->Get(kClusters, kDemo, call_));
  EXPECT_EQ(imposter_.requests().at(1).Header("authorization"), "Bearer new");
  imposter_.Answer(Failure(401, "Unauthorized"));
  imposter_.Answer(Failure(401, "Unauthorized"));
  EXPECT_THAT(plane_->Get(kClusters, kDemo, call_),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(imposter_.requests(), SizeIs(4));
  std::filesystem::remove(file);
}

TEST_F(RestControlPlaneTest, ImpersonationIsSentAsHeaders) {
  imposter_.Answer({200, "{}", {}});
  call_.impersonate_user = "alice";
  call_.impersonate_groups = {"dev", "ops"};
  ASSERT_OK(plane_->Get(kClusters, kDemo, call_));
  const auto request = imposter_.requests().at(0);
  EXPECT_EQ(request.Header("impersonate-user"), "alice");
  std::vector<std::string> groups;
  for (const auto& [name, value] : request.headers) {
    if (name == "impersonate-group") groups.push_back(value);
  }
  EXPECT_THAT(groups, ElementsAre("dev", "ops"));
  // Groups alone would act with the backend's own rights.
  call_.impersonate_user = "";
  EXPECT_FALSE(plane_->Get(kClusters, kDemo, call_).ok());
  EXPECT_THAT(imposter_.requests(), SizeIs(1));
}

TEST_F(RestControlPlaneTest, DiscoveryIsKeptForHalfAMinute) {
  imposter_.Answer({200, R"({"resources":[{"name":"clusters"}]})", {}});
  EXPECT_TRUE(*plane_->Serves(kClusters, call_));
  EXPECT_FALSE(*plane_->Serves(kDatabaseRoles, call_));
  EXPECT_THAT(Targets(), ElementsAre("GET /apis/postgresql.cnpg.io/v1"));
  clock_.Advance(absl::Seconds(31));
  imposter_.Answer({404, "404 page not found\n", {}});
  EXPECT_FALSE(*plane_->Serves(kClusters, call_));
  imposter_.Answer({403, "", {}});
  EXPECT_THAT(plane_->Serves(kPods, call_),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(RestControlPlaneTest, WatchGivesEventsUntilTheServerEnds) {
  imposter_.Then([](Exchange& exchange) {
    exchange.Begin(200, {});
    exchange.Write(R"({"type":"ADDED","object":{"a":1}})"
                   "\n{\"type\":\"DEL");
    exchange.Write("ETED\",\"object\":{\"a\":2}}\n");
    exchange.End();
  });
  std::vector<std::string> events;
  EXPECT_OK(plane_->Watch(
      kClusters, "", "5", call_,
      [&](const WatchEvent& event) { events.emplace_back(event.object); }));
  EXPECT_THAT(events, ElementsAre(R"({"a":1})", R"({"a":2})"));
  EXPECT_THAT(Targets(),
              ElementsAre("GET /apis/postgresql.cnpg.io/v1/clusters?watch=1"
                          "&allowWatchBookmarks=true&resourceVersion=5"
                          "&timeoutSeconds=300"));
}

TEST_F(RestControlPlaneTest, AWatchEndsWithWhatHappened) {
  const auto ignore = [](const WatchEvent&) {};
  imposter_.Then([](Exchange& exchange) {
    exchange.Begin(200, {});
    exchange.Write("{\"type\":\"ADD");
    exchange.Tear();
  });
  EXPECT_THAT(plane_->Watch(kClusters, "", "5", call_, ignore),
              StatusIs(absl::StatusCode::kUnavailable));
  imposter_.Answer(Failure(410, "Expired"));
  EXPECT_THAT(plane_->Watch(kClusters, "", "5", call_, ignore),
              StatusIs(absl::StatusCode::kOutOfRange));
  imposter_.Then([](Exchange& exchange) {
    exchange.Begin(200, {});
    exchange.Write(R"({"type":"ERROR","object":{"kind":"Status","code":410}})"
                   "\n");
    exchange.WaitUntilClientLeaves();
  });
  EXPECT_THAT(plane_->Watch(kClusters, "", "5", call_, ignore),
              StatusIs(absl::StatusCode::kOutOfRange));
  std::stop_source stop;
  call_.cancelled = stop.get_token();
  imposter_.Then([&](Exchange& exchange) {
    exchange.Begin(200, {});
    stop.request_stop();
    exchange.WaitUntilClientLeaves();
  });
  EXPECT_THAT(plane_->Watch(kClusters, "", "5", call_, ignore),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(RestControlPlaneTest, AnUnreachableServerIsNamedWithItsContext) {
  { connection_.server = HttpImposter().url(); }
  Connect();
  EXPECT_THAT(plane_->Get(kClusters, kDemo, call_),
              AllOf(StatusIs(absl::StatusCode::kUnavailable,
                             AllOf(HasSubstr(connection_.server),
                                   HasSubstr("context \"test\""))),
                    HasReason("API_SERVER_UNREACHABLE")));
  EXPECT_THAT(clock_.slept(), SizeIs(5));
}

TEST_F(RestControlPlaneTest, AnUntrustedServerIsNotTalkedTo) {
  const auto own = MakeSelfSigned("IP:127.0.0.1");
  HttpImposter secure({own.certificate, own.key});
  connection_.server = secure.url();
  connection_.tls.ca_pem = MakeSelfSigned("IP:127.0.0.1").certificate;
  Connect();
  EXPECT_THAT(plane_->Get(kClusters, kDemo, call_),
              AllOf(StatusIs(absl::StatusCode::kUnavailable,
                             HasSubstr("certificate-authority")),
                    HasReason("API_SERVER_TLS_FAILED")));
  EXPECT_THAT(secure.requests(), SizeIs(0));
}

TEST_F(RestControlPlaneTest, AnAnswerThatIsNotJsonIsAnError) {
  imposter_.Answer({200, "<html>", {}});
  EXPECT_THAT(plane_->Get(kClusters, kDemo, call_),
              HasReason("UPSTREAM_PROTOCOL"));
  imposter_.Answer({200, "{}", {}});
  EXPECT_THAT(plane_->List(kClusters, "", {}, call_),
              HasReason("UPSTREAM_PROTOCOL"));
}

}  // namespace
}  // namespace howdah::kubernetes

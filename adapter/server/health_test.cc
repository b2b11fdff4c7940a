#include <string>
#include <vector>

#include "adapter/server/backend_readiness.h"
#include "adapter/server/health_door.h"
#include "adapter/testing/fake_caller.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"

namespace howdah::adapter {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;

HealthCheckResponse Answer(HealthCheckResponse::ServingStatus status) {
  HealthCheckResponse response;
  response.set_status(status);
  return response;
}

class Probe : public transports::Exchange {
 public:
  explicit Probe(std::string target) : target_(std::move(target)) {}
  absl::string_view Target() const override { return target_; }
  bool Streams() const override { return false; }
  void Send(std::string) override {}
  void Finish(transports::Reply reply) override { replies.push_back(reply); }

  std::vector<transports::Reply> replies;

 private:
  const std::string target_;
};

class Door : public transports::MessageSink {
 public:
  void OnMessage(absl::string_view, transports::Exchange&) override {}
  void OnFetch(transports::Exchange&) override { ++fetched; }
  void OnGone(transports::Exchange&) override { ++gone; }
  std::string Refusal(int, absl::string_view) override { return ""; }
  int fetched = 0;
  int gone = 0;
};

class HealthTest : public ::testing::Test {
 protected:
  howdah::testing::FakeCaller backend_;
  bool started_ = true;
  absl::Time now_ = absl::UnixEpoch() + absl::Hours(1);
  BackendReadiness readiness_{backend_, [this] { return started_; },
                              [this] { return now_; }};
  Door door_;
  HealthDoor health_{readiness_, door_};
};

TEST_F(HealthTest, OtherDocumentsAreTheDoors) {
  Probe probe("/.well-known/oauth-protected-resource");
  health_.OnFetch(probe);
  EXPECT_EQ(door_.fetched, 1);
  EXPECT_TRUE(probe.replies.empty());
}

TEST_F(HealthTest, LiveAsksNobody) {
  Probe probe("/health/live");
  health_.OnFetch(probe);
  ASSERT_EQ(probe.replies.size(), 1u);
  EXPECT_EQ(probe.replies[0].status, 200);
  EXPECT_TRUE(backend_.calls.empty());
}

TEST_F(HealthTest, ReadyIsWhatTheBackendSays) {
  Probe good("/health/ready"), bad("/health/ready"), lost("/health/ready");
  health_.OnFetch(good);
  EXPECT_EQ(backend_.Last().Request<HealthCheckRequest>().service(),
            "howdah.readiness");
  backend_.Last().Answer(Answer(HealthCheckResponse::SERVING));
  EXPECT_EQ(good.replies.at(0).status, 200);

  // One of several backends may be about to stop.
  Probe moment("/health/ready");
  now_ += absl::Seconds(3);
  health_.OnFetch(moment);
  backend_.Last().Answer(Answer(HealthCheckResponse::NOT_SERVING));
  EXPECT_EQ(moment.replies.at(0).status, 200);
  EXPECT_THAT(moment.replies.at(0).body, HasSubstr("not ready"));

  now_ += absl::Seconds(2);
  health_.OnFetch(bad);
  backend_.Last().Answer(Answer(HealthCheckResponse::NOT_SERVING));
  EXPECT_EQ(bad.replies.at(0).status, 503);
  EXPECT_THAT(bad.replies.at(0).body, HasSubstr("not ready"));

  now_ += absl::Seconds(2);
  health_.OnFetch(lost);
  backend_.Last().Fail(absl::UnavailableError("no backend"));
  EXPECT_EQ(lost.replies.at(0).status, 503);
  EXPECT_THAT(lost.replies.at(0).body, HasSubstr("unreachable"));

  // Who knows one address only must not be sent here either.
  Probe told("/health");
  health_.OnFetch(told);
  EXPECT_EQ(told.replies.at(0).status, 503);
  EXPECT_THAT(told.replies.at(0).body, HasSubstr(R"("status":"unavailable")"));
}

TEST_F(HealthTest, WhoIsAboutToStopIsNotReadyButLives) {
  health_.Leave();
  Probe ready("/health/ready"), live("/health/live"), told("/health");
  health_.OnFetch(ready);
  health_.OnFetch(live);
  health_.OnFetch(told);
  EXPECT_EQ(ready.replies.at(0).status, 503);
  EXPECT_THAT(ready.replies.at(0).body, HasSubstr("draining"));
  EXPECT_EQ(live.replies.at(0).status, 200);
  EXPECT_EQ(told.replies.at(0).status, 503);
  EXPECT_TRUE(backend_.calls.empty());
}

TEST_F(HealthTest, ManyProbesAreOneQuestion) {
  Probe first("/health"), second("/health"), later("/health"), much("/health");
  health_.OnFetch(first);
  health_.OnFetch(second);
  EXPECT_EQ(backend_.calls.size(), 1u);
  backend_.Last().Answer(Answer(HealthCheckResponse::SERVING));
  EXPECT_EQ(first.replies.size() + second.replies.size(), 2u);
  health_.OnFetch(later);
  EXPECT_EQ(later.replies.size(), 1u);
  EXPECT_EQ(backend_.calls.size(), 1u);
  now_ += absl::Seconds(2);
  health_.OnFetch(much);
  EXPECT_EQ(backend_.calls.size(), 2u);
}

TEST_F(HealthTest, AProbeThatHasGoneGetsNothing) {
  Probe probe("/health");
  health_.OnFetch(probe);
  health_.OnGone(probe);
  backend_.Last().Answer(Answer(HealthCheckResponse::SERVING));
  EXPECT_TRUE(probe.replies.empty());
  EXPECT_EQ(door_.gone, 0);
  health_.OnGone(probe);
  EXPECT_EQ(door_.gone, 1);
}

TEST_F(HealthTest, ABackendThatNobodyNeededYetIsNotStarted) {
  started_ = false;
  Probe probe("/health");
  health_.OnFetch(probe);
  EXPECT_EQ(probe.replies.at(0).status, 200);
  EXPECT_TRUE(backend_.calls.empty());
}

}  // namespace
}  // namespace howdah::adapter

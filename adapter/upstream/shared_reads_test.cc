#include "adapter/upstream/shared_reads.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/testing/fake_caller.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "howdah/postgres/v1/cluster_service.pb.h"

namespace howdah::upstream {
namespace {

using ::howdah::postgres::v1::Cluster;
using ::howdah::postgres::v1::GetClusterRequest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kGetCluster[] = "/howdah.postgres.v1.ClusterService/GetCluster";

GetClusterRequest Of(const std::string& name) {
  GetClusterRequest request;
  request.set_name(name);
  return request;
}

class SharedReadsTest : public ::testing::Test {
 protected:
  static CallOptions Read() {
    CallOptions options;
    options.shareable = true;
    return options;
  }

  // `who` hears the name of the cluster in the answer, or the error.
  std::shared_ptr<OutgoingCall> Ask(const std::string& who,
                                    const std::string& name,
                                    const CallOptions& options = Read()) {
    return shared_.Call(
        kGetCluster, Of(name), options,
        [this, who](const absl::StatusOr<absl::string_view>& answer) {
          Cluster cluster;
          if (answer.ok()) {
            EXPECT_TRUE(cluster.ParseFromString(std::string(*answer)));
          }
          heard_.push_back(who + ": " +
                           (answer.ok()
                                ? cluster.name()
                                : std::string(answer.status().message())));
          if (on_heard_) on_heard_();
        });
  }

  void Answer(size_t call, const std::string& name) {
    Cluster cluster;
    cluster.set_name(name);
    backend_.calls[call]->Answer(cluster);
  }

  // What was posted runs, as at the end of a turn of the loop.
  void EndTurn() {
    for (const auto& wake : std::exchange(posted_, {})) wake();
  }

  testing::FakeCaller backend_;
  std::vector<std::function<void()>> posted_;
  SharedReads shared_{backend_, [this](std::function<void()> wake) {
                        posted_.push_back(std::move(wake));
                      }};
  std::vector<std::string> heard_;
  std::function<void()> on_heard_;
};

TEST_F(SharedReadsTest, EqualReadsOfOneTurnAreOneCallForAll) {
  Ask("a", "demo");
  Ask("b", "demo");
  Ask("c", "other");
  Ask("d", "demo");
  ASSERT_THAT(backend_.calls, SizeIs(2));
  EXPECT_EQ(backend_.calls[0]->Request<GetClusterRequest>().name(), "demo");
  EXPECT_EQ(backend_.calls[1]->Request<GetClusterRequest>().name(), "other");
  EndTurn();
  EXPECT_THAT(heard_, IsEmpty());
  Answer(1, "other");
  Answer(0, "demo");
  EXPECT_THAT(heard_, ElementsAre("c: other", "a: demo", "b: demo", "d: demo"));
}

TEST_F(SharedReadsTest, WhoAsksAfterItWasSentIsAnsweredByACallOfItsOwn) {
  Ask("a", "demo");
  EndTurn();
  Ask("b", "demo");
  ASSERT_THAT(backend_.calls, SizeIs(2));
  EndTurn();
  Answer(0, "older");
  Answer(1, "newer");
  EXPECT_THAT(heard_, ElementsAre("a: older", "b: newer"));
}

TEST_F(SharedReadsTest, AnErrorIsEverybodys) {
  Ask("a", "demo");
  Ask("b", "demo");
  EndTurn();
  backend_.Last().Fail(absl::UnavailableError("it is gone"));
  EXPECT_THAT(heard_, ElementsAre("a: it is gone", "b: it is gone"));
}

TEST_F(SharedReadsTest, WhatTheBackendIsToldDifferentlyIsNotShared) {
  std::vector<CallOptions> different(5, Read());
  different[1].bearer_token = "of another";
  different[2].toolsets = "clusters";
  different[3].read_only = true;
  different[4].timeout = absl::Seconds(7);
  for (const CallOptions& options : different) Ask("a", "demo", options);
  ASSERT_THAT(backend_.calls, SizeIs(different.size()));
  EXPECT_EQ(backend_.calls[1]->options.bearer_token, "of another");
  EXPECT_EQ(backend_.calls[4]->options.timeout, absl::Seconds(7));
}

TEST_F(SharedReadsTest, WhatMayDifferAndWhatIsTracedGoesAlone) {
  CallOptions repeatable;
  repeatable.repeatable = true;
  CallOptions traced = Read();
  traced.traceparent =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  for (const CallOptions& options : {repeatable, traced}) {
    Ask("a", "demo", options);
    Ask("b", "demo", options);
  }
  EXPECT_THAT(backend_.calls, SizeIs(4));
  EXPECT_THAT(posted_, IsEmpty());
}

TEST_F(SharedReadsTest, WhoCancelsHearsNothingAndDisturbsNobody) {
  const auto a = Ask("a", "demo");
  const auto b = Ask("b", "demo");
  a->Cancel();
  a->Cancel();
  EXPECT_FALSE(backend_.Last().cancelled);
  EndTurn();
  Answer(0, "demo");
  EXPECT_THAT(heard_, ElementsAre("b: demo"));
  b->Cancel();
  EXPECT_FALSE(backend_.Last().cancelled);
}

TEST_F(SharedReadsTest, TheLastWhoCancelsEndsTheCall) {
  const auto a = Ask("a", "demo");
  const auto b = Ask("b", "demo");
  a->Cancel();
  b->Cancel();
  EXPECT_TRUE(backend_.calls[0]->cancelled);
  // Nobody is given to a call that has ended.
  Ask("c", "demo");
  ASSERT_THAT(backend_.calls, SizeIs(2));
  EndTurn();
  Answer(1, "demo");
  EXPECT_THAT(heard_, ElementsAre("c: demo"));
}

TEST_F(SharedReadsTest, WhoHearsTheAnswerMayMakeOthersLeaveAndAskAgain) {
  Ask("a", "demo");
  const auto b = Ask("b", "demo");
  EndTurn();
  on_heard_ = [&] {
    on_heard_ = nullptr;
    b->Cancel();
    Ask("a again", "demo");
  };
  Answer(0, "demo");
  ASSERT_THAT(backend_.calls, SizeIs(2));
  EXPECT_FALSE(backend_.calls[0]->cancelled);
  Answer(1, "newer");
  EXPECT_THAT(heard_, ElementsAre("a: demo", "a again: newer"));
}

TEST_F(SharedReadsTest, StreamsGoThrough) {
  Cluster response;
  std::vector<std::string> seen;
  shared_.Stream(
      kGetCluster, Of("demo"), response, Read(),
      [&] { seen.push_back(response.name()); },
      [&](const absl::Status& status) { seen.push_back(status.ToString()); });
  Cluster cluster;
  cluster.set_name("demo");
  backend_.Last().Send(cluster);
  backend_.Last().Fail(absl::OkStatus());
  EXPECT_THAT(seen, ElementsAre("demo", "OK"));
}

}  // namespace
}  // namespace howdah::upstream

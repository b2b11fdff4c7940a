#include "backend/operations/operation_waiter.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace howdah::operations {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A world with one cluster.
class FakeObserver : public Observer {
 public:
  absl::StatusOr<Observed> Observe(const Condition&) override {
    ++looks;
    if (!synced) return absl::UnavailableError("not yet");
    if (!error.ok()) return error;
    return now;
  }
  absl::StatusOr<std::shared_ptr<void>> Subscribe(
      const Condition&, std::function<void()> on_change) override {
    change = std::move(on_change);
    ++subscribers;
    return std::shared_ptr<void>(this, [this](void*) { --subscribers; });
  }
  void Ready(int ready) {
    now.ready_instances = ready;
    now.settled = ready == 3;
    change();
  }

  Observed now;
  bool synced = true;
  absl::Status error;
  int looks = 0;
  int subscribers = 0;
  std::function<void()> change;
};

class OperationWaiterTest : public ::testing::Test {
 protected:
  OperationWaiterTest() {
    observer_.now.exists = true;
    observer_.now.uid = "u";
    observer_.now.wanted_instances = 3;
    observer_.now.reported_instances = 3;
    observer_.now.has_primary = true;
    condition_.name = "demo";
    condition_.uid = "u";
    condition_.instances = 3;
  }

  void Wait(absl::Duration time = absl::Minutes(1)) {
    WaitRequest request;
    request.condition = condition_;
    request.deadline = now_ + time;
    request.cancelled = stop_.get_token();
    request.interrupted = interrupt_.get_token();
    request.on_progress = [this](const Evaluation& evaluation) {
      progress_.push_back(evaluation.progress_percent);
    };
    request.on_end = [this](Ending ending, const Evaluation& evaluation) {
      endings_.push_back(ending);
      last_ = evaluation;
    };
    ASSERT_OK(waiter_.Wait(std::move(request)));
    changes_->RunOnce();
  }

  absl::Time now_ = absl::FromUnixSeconds(1000);
  FakeObserver observer_;
  Condition condition_;
  std::stop_source stop_;
  std::stop_source interrupt_;
  std::vector<int> progress_;
  std::vector<Ending> endings_;
  Evaluation last_;
  std::unique_ptr<ChangeWaiter> changes_ =
      std::make_unique<ChangeWaiter>(ChangeWaiter::Options{
          .now = [this] { return now_; }, .start_thread = false});
  OperationWaiter waiter_{observer_, *changes_};
};

TEST_F(OperationWaiterTest, TellsProgressAndThenTheEndOnce) {
  Wait();
  observer_.Ready(1);
  changes_->RunOnce();
  observer_.Ready(3);
  changes_->RunOnce();
  changes_->RunOnce();
  EXPECT_THAT(progress_, ElementsAre(10, 38));
  EXPECT_THAT(endings_, ElementsAre(Ending::kDone));
  EXPECT_EQ(last_.progress_percent, 100);
  EXPECT_EQ(observer_.subscribers, 0);
}

TEST_F(OperationWaiterTest, ProgressNeverDecreases) {
  Wait();
  observer_.Ready(2);
  changes_->RunOnce();
  observer_.Ready(1);
  changes_->RunOnce();
  EXPECT_THAT(progress_, ElementsAre(10, 66, 66)) << "the message is new";
}

TEST_F(OperationWaiterTest, LooksOnlyWhenSomethingHasChanged) {
  Wait();
  EXPECT_EQ(observer_.looks, 1);
  changes_->RunOnce();
  changes_->RunOnce();
  EXPECT_EQ(observer_.looks, 1);
  observer_.Ready(0);
  changes_->RunOnce();
  EXPECT_EQ(observer_.looks, 2);
  EXPECT_THAT(progress_, ElementsAre(10)) << "nothing new to tell";
}

TEST_F(OperationWaiterTest, EndsAtTheDeadline) {
  Wait(absl::Seconds(30));
  now_ += absl::Seconds(29);
  changes_->RunOnce();
  EXPECT_THAT(endings_, IsEmpty());
  now_ += absl::Seconds(1);
  changes_->RunOnce();
  EXPECT_THAT(endings_, ElementsAre(Ending::kTimedOut));
  EXPECT_FALSE(last_.done);
}

TEST_F(OperationWaiterTest, ACancelledOperationEndsForEveryone) {
  Wait();
  Wait();
  EXPECT_EQ(waiter_.Cancel(condition_), 2);
  changes_->RunOnce();
  EXPECT_THAT(endings_, ElementsAre(Ending::kCancelled, Ending::kCancelled));
  Condition other = condition_;
  other.name = "other";
  EXPECT_EQ(waiter_.Cancel(other), 0);
}

TEST_F(OperationWaiterTest, ACallerWhoGoesIsForgotten) {
  Wait();
  stop_.request_stop();
  changes_->RunOnce();
  EXPECT_THAT(endings_, ElementsAre(Ending::kAbandoned));
  EXPECT_EQ(observer_.subscribers, 0);
}

TEST_F(OperationWaiterTest, AnInterruptionEndsAllAndWhoComesLater) {
  Wait();
  observer_.Ready(1);
  interrupt_.request_stop();
  changes_->RunOnce();
  EXPECT_THAT(endings_, ElementsAre(Ending::kInterrupted));
  EXPECT_EQ(last_.progress_percent, 38) << "it ends with what is known";
  Wait();
  EXPECT_THAT(endings_,
              ElementsAre(Ending::kInterrupted, Ending::kInterrupted));
}

TEST_F(OperationWaiterTest, WaitsForTheCacheToBeFilled) {
  observer_.synced = false;
  Wait();
  EXPECT_THAT(progress_, IsEmpty());
  observer_.synced = true;
  observer_.Ready(3);
  changes_->RunOnce();
  EXPECT_THAT(endings_, ElementsAre(Ending::kDone));
}

TEST_F(OperationWaiterTest, WhatCannotBeSeenAnyMoreIsNotWaitedFor) {
  Wait();
  observer_.error = absl::PermissionDeniedError("no list");
  observer_.change();
  changes_->RunOnce();
  EXPECT_THAT(endings_, ElementsAre(Ending::kDone));
  EXPECT_EQ(last_.error, observer_.error);
  EXPECT_EQ(last_.progress_percent, 10);
}

TEST_F(OperationWaiterTest, DestructionAbandonsWhatIsLeft) {
  Wait();
  changes_.reset();
  EXPECT_THAT(endings_, ElementsAre(Ending::kAbandoned));
  EXPECT_EQ(observer_.subscribers, 0);
}

TEST_F(OperationWaiterTest, ItsThreadWakesForChangesAndDeadlines) {
  ChangeWaiter changes({});
  OperationWaiter threaded(observer_, changes);
  std::mutex mutex;
  std::condition_variable ended;
  std::vector<Ending> endings;
  auto wait = [&](absl::Duration time) {
    WaitRequest request;
    request.condition = condition_;
    request.deadline = absl::Now() + time;
    request.on_end = [&](Ending ending, const Evaluation&) {
      std::lock_guard lock(mutex);
      endings.push_back(ending);
      ended.notify_one();
    };
    ASSERT_OK(threaded.Wait(std::move(request)));
  };
  auto await = [&](size_t count) {
    std::unique_lock lock(mutex);
    ended.wait_for(lock, std::chrono::seconds(20),
                   [&] { return endings.size() == count; });
  };
  wait(absl::Milliseconds(1));
  await(1);
  wait(absl::Minutes(10));
  observer_.Ready(3);
  await(2);
  EXPECT_THAT(endings, ElementsAre(Ending::kTimedOut, Ending::kDone));
}

}  // namespace
}  // namespace howdah::operations

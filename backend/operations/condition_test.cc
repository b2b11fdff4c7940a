#include "backend/operations/condition.h"

#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace howdah::operations {
namespace {

using howdah::testing::HasReason;
using ::testing::HasSubstr;
using ::testing::Lt;

Condition Ready() {
  Condition condition;
  condition.kind = Condition::Kind::kClusterReady;
  condition.context = "kind-local";
  condition.namespace_name = "default";
  condition.name = "demo";
  condition.uid = "u-1";
  condition.instances = 3;
  return condition;
}

Observed Seen(int ready, bool settled) {
  Observed observed;
  observed.exists = true;
  observed.uid = "u-1";
  observed.wanted_instances = 3;
  observed.reported_instances = 3;
  observed.ready_instances = ready;
  observed.has_primary = ready > 0;
  observed.settled = settled;
  observed.phase = "Creating a new replica";
  return observed;
}

TEST(OperationNameTest, ComesBackAsItWas) {
  Condition condition = Ready();
  condition.detail = 7;
  condition.version = "81234";
  std::string name = EncodeName(condition);
  EXPECT_THAT(name.size(), Lt(1024u));
  EXPECT_EQ(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                   "qrstuvwxyz0123456789-_"),
            std::string::npos);
  absl::StatusOr<Condition> same = DecodeName(name);
  ASSERT_OK(same);
  EXPECT_EQ(*same, condition);
}

TEST(OperationNameTest, ANameWithoutAVersionIsStillRead) {
  absl::StatusOr<Condition> same = DecodeName(EncodeName(Ready()));
  ASSERT_OK(same);
  EXPECT_EQ(same->version, "");
}

TEST(OperationNameTest, EveryChangedCharacterIsNoticed) {
  std::string name = EncodeName(Ready());
  for (size_t i = 0; i < name.size(); ++i) {
    std::string changed = name;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(DecodeName(changed), HasReason("OPERATION_NAME_INVALID")) << i;
  }
}

TEST(OperationNameTest, WhatIsNoNameIsRefused) {
  for (const std::string& name :
       {std::string(), std::string("demo"), EncodeName(Ready()) + "AAAA",
        EncodeName(Ready()).substr(4), std::string(3000, 'A')}) {
    EXPECT_THAT(DecodeName(name), HasReason("OPERATION_NAME_INVALID")) << name;
  }
}

TEST(EvaluateTest, IsDoneWhenAllAreReadyAndTheOperatorIsToo) {
  EXPECT_FALSE(Evaluate(Ready(), Seen(2, false)).done);
  EXPECT_FALSE(Evaluate(Ready(), Seen(3, false)).done);
  Evaluation done = Evaluate(Ready(), Seen(3, true));
  EXPECT_TRUE(done.done);
  EXPECT_OK(done.error);
  EXPECT_EQ(done.progress_percent, 100);
}

TEST(EvaluateTest, AHealthyPhaseFromBeforeTheChangeIsNotDone) {
  Observed observed = Seen(3, true);
  observed.reported_instances = 2;
  EXPECT_FALSE(Evaluate(Ready(), observed).done);
}

TEST(EvaluateTest, ProgressGrowsWithReadyInstances) {
  int before = -1;
  for (int ready = 0; ready <= 3; ++ready) {
    Evaluation now = Evaluate(Ready(), Seen(ready, ready == 3));
    EXPECT_GT(now.progress_percent, before);
    before = now.progress_percent;
  }
  EXPECT_THAT(Evaluate(Ready(), Seen(1, false)).message,
              HasSubstr("1 of 3 instances ready: Creating a new replica."));
  Observed waiting = Seen(1, false);
  waiting.phase_reason = "no space";
  EXPECT_THAT(Evaluate(Ready(), waiting).message,
              HasSubstr("ready: Creating a new replica, no space."));
}

TEST(EvaluateTest, WhatCanNoLongerHoldIsAnError) {
  Observed gone;
  EXPECT_THAT(Evaluate(Ready(), gone).error,
              HasReason("OPERATION_TARGET_GONE"));
  Observed namesake = Seen(3, true);
  namesake.uid = "u-2";
  EXPECT_THAT(Evaluate(Ready(), namesake).error,
              HasReason("OPERATION_TARGET_GONE"));
  Observed scaled = Seen(3, true);
  scaled.wanted_instances = 5;
  EXPECT_THAT(Evaluate(Ready(), scaled).error,
              HasReason("OPERATION_OVERTAKEN"));
  Observed dead = Seen(1, false);
  dead.dead_end = "Invalid cluster definition.";
  Evaluation evaluation = Evaluate(Ready(), dead);
  EXPECT_TRUE(evaluation.done);
  EXPECT_THAT(evaluation.error, HasReason("OPERATION_DEAD_END"));
}

TEST(EvaluateTest, ADeletionIsDoneWhenTheObjectOrItsUidIsGone) {
  Condition condition = Ready();
  condition.kind = Condition::Kind::kClusterDeleted;
  condition.instances = 0;
  Observed observed = Seen(3, true);
  EXPECT_FALSE(Evaluate(condition, observed).done);
  observed.uid = "u-2";
  EXPECT_TRUE(Evaluate(condition, observed).done);
  EXPECT_TRUE(Evaluate(condition, Observed()).done);
}

}  // namespace
}  // namespace howdah::operations

#include "backend/local/controllers/cluster_plan.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::local::controllers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

InstanceView Primary(int serial) {
  InstanceView instance;
  instance.name = "demo-" + std::to_string(serial);
  instance.serial = serial;
  instance.has_data = true;
  instance.running = true;
  instance.answers = true;
  instance.lsn = 100;
  instance.timeline = 1;
  instance.has_replication_role = true;
  return instance;
}

InstanceView Replica(int serial, const std::string& follows) {
  InstanceView instance = Primary(serial);
  instance.standby_on_disk = true;
  instance.in_recovery = true;
  instance.receiving = true;
  instance.streaming = true;
  instance.follows = follows;
  return instance;
}

InstanceView Dead(InstanceView instance) {
  instance.running = false;
  instance.answers = false;
  instance.died = true;
  return instance;
}

InstanceView Stopped(InstanceView instance) {
  instance = Dead(instance);
  instance.died = false;
  return instance;
}

InstanceView CutOff(InstanceView instance) {
  instance.receiving = false;
  instance.streaming = false;
  return instance;
}

// Three instances, all well.
ClusterView Healthy() {
  ClusterView view;
  view.name = "demo";
  view.desired = 3;
  view.current_primary = "demo-1";
  view.target_primary = "demo-1";
  view.initial_sql_done = true;
  view.instances = {Primary(1), Replica(2, "demo-1"), Replica(3, "demo-1")};
  view.instances[0].slots = {"_cnpg_demo_2", "_cnpg_demo_3"};
  return view;
}

std::vector<StepKind> KindsFor(const Plan& plan, const std::string& instance) {
  std::vector<StepKind> kinds;
  for (const Step& step : plan.steps) {
    if (step.instance == instance) kinds.push_back(step.kind);
  }
  return kinds;
}

TEST(ClusterPlan, AHealthyClusterIsLeftAlone) {
  Plan plan = MakePlan(Healthy());
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.phase, "Cluster in healthy state");
}

TEST(ClusterPlan, ANewClusterBeginsWithItsPrimary) {
  ClusterView view;
  view.name = "demo";
  view.desired = 3;
  Plan plan = MakePlan(view);
  EXPECT_THAT(plan.steps, ElementsAre(Step{StepKind::kAddInstance, "demo-1"}));
  EXPECT_EQ(plan.target_primary, "demo-1");
  EXPECT_EQ(plan.phase, "Setting up primary");

  InstanceView first;
  first.name = "demo-1";
  first.serial = 1;
  view.target_primary = "demo-1";
  view.instances = {first};
  EXPECT_THAT(MakePlan(view).steps,
              ElementsAre(Step{StepKind::kBootstrap, "demo-1"}));
}

TEST(ClusterPlan, ReplicasJoinBeforeTheApplicationsDatabaseIsMade) {
  ClusterView view;
  view.name = "demo";
  view.desired = 3;
  view.target_primary = "demo-1";
  view.instances = {Primary(1)};
  Plan plan = MakePlan(view);
  EXPECT_THAT(plan.steps, ElementsAre(Step{StepKind::kInitialSql, "demo-1"},
                                      Step{StepKind::kAddInstance, "demo-2"},
                                      Step{StepKind::kAddInstance, "demo-3"}));
  EXPECT_EQ(plan.current_primary, "");

  view.initial_sql_done = true;
  EXPECT_EQ(MakePlan(view).current_primary, "demo-1");
}

TEST(ClusterPlan, AnImageThatIsNotInstalledStartsNothing) {
  ClusterView view;
  view.name = "demo";
  view.cannot_run = "PostgreSQL 99 is not installed on this machine";
  Plan plan = MakePlan(view);
  EXPECT_THAT(plan.steps, ElementsAre(Step{StepKind::kAddInstance, "demo-1"}))
      << "its Pod shows why";
  EXPECT_EQ(plan.phase, "Setting up primary");
  EXPECT_EQ(plan.phase_reason, view.cannot_run);
}

TEST(ClusterPlan, AServerThatHangsIsEnded) {
  ClusterView view = Healthy();
  for (int i : {0, 2}) {
    view.instances[i].answers = false;
    view.instances[i].hangs = true;
  }
  Plan plan = MakePlan(view);
  EXPECT_THAT(plan.steps, ElementsAre(Step{StepKind::kEndProcesses, "demo-1"},
                                      Step{StepKind::kEndProcesses, "demo-3"}));
  EXPECT_EQ(plan.target_primary, "demo-1") << "it is replaced when it is dead";
  EXPECT_EQ(plan.phase, "Waiting for the instances to become active");

  view.instances[0].busy = true;
  view.instances[2].hangs = false;
  EXPECT_THAT(MakePlan(view).steps, IsEmpty()) << "a job sees to it";
}

TEST(ClusterPlan, ADeadPrimaryIsReplacedByTheMostAdvancedReplica) {
  ClusterView view = Healthy();
  view.instances[0] = Dead(view.instances[0]);
  Plan plan = MakePlan(view);
  EXPECT_EQ(plan.target_primary, "pending");
  EXPECT_EQ(plan.phase, "Failing over");
  EXPECT_THAT(plan.steps, ElementsAre(Step{StepKind::kEndProcesses, "demo-1"}));

  view.target_primary = "pending";
  EXPECT_EQ(MakePlan(view).target_primary, "pending")
      << "replicas still receive";

  view.instances[1] = CutOff(view.instances[1]);
  view.instances[2] = CutOff(view.instances[2]);
  view.instances[2].lsn = 101;
  plan = MakePlan(view);
  EXPECT_EQ(plan.target_primary, "demo-3");
  EXPECT_THAT(plan.steps, IsEmpty()) << "the choice is written down first";
  EXPECT_EQ(plan.phase_reason, "Failing over from demo-1 to demo-3");
  view.target_primary = "demo-3";
  EXPECT_THAT(MakePlan(view).steps,
              ElementsAre(Step{StepKind::kPromote, "demo-3"}));
}

TEST(ClusterPlan, AFormerPrimaryIsRewoundAndOthersFollowTheNewOne) {
  ClusterView view = Healthy();
  view.current_primary = view.target_primary = "demo-3";
  view.instances = {Dead(Primary(1)), CutOff(Replica(2, "demo-1")), Primary(3)};
  view.instances[2].slots = {"_cnpg_demo_1", "_cnpg_demo_2"};
  Plan plan = MakePlan(view);
  EXPECT_THAT(plan.steps, UnorderedElementsAre(
                              Step{StepKind::kRewind, "demo-1", "demo-3"},
                              Step{StepKind::kFollow, "demo-2", "demo-3"}));
}

TEST(ClusterPlan, ASecondRunningPrimaryIsStoppedBeforeItIsRewound) {
  ClusterView view = Healthy();
  view.current_primary = view.target_primary = "demo-3";
  view.instances = {Primary(1), Replica(2, "demo-3"), Primary(3)};
  EXPECT_THAT(KindsFor(MakePlan(view), "demo-1"), ElementsAre(StepKind::kStop));
}

TEST(ClusterPlan, AfterARestartOfTheMachineThePrimaryIsStartedNotReplaced) {
  ClusterView view = Healthy();
  for (InstanceView& instance : view.instances) instance = Stopped(instance);
  Plan plan = MakePlan(view);
  EXPECT_EQ(plan.target_primary, "demo-1");
  EXPECT_THAT(plan.steps,
              UnorderedElementsAre(Step{StepKind::kStart, "demo-1"},
                                   Step{StepKind::kStart, "demo-2"},
                                   Step{StepKind::kStart, "demo-3"}));
}

TEST(ClusterPlan, ASinglePrimaryThatDiedIsStartedAgain) {
  ClusterView view = Healthy();
  view.desired = 1;
  view.instances = {Dead(Primary(1))};
  Plan plan = MakePlan(view);
  EXPECT_EQ(plan.target_primary, "demo-1");
  EXPECT_THAT(plan.steps, ElementsAre(Step{StepKind::kStart, "demo-1"}));
}

TEST(ClusterPlan, APrimaryThatCannotStartIsReplacedAfterThreeAttempts) {
  ClusterView view = Healthy();
  view.instances[0] = Stopped(view.instances[0]);
  view.instances[0].failed_starts = 2;
  EXPECT_EQ(MakePlan(view).target_primary, "demo-1");
  view.instances[0].failed_starts = 3;
  EXPECT_EQ(MakePlan(view).target_primary, "pending");
}

TEST(ClusterPlan, ASwitchoverStopsTheOldPrimaryBeforeItPromotes) {
  ClusterView view = Healthy();
  view.target_primary = "demo-2";
  Plan plan = MakePlan(view);
  EXPECT_EQ(plan.phase, "Switchover in progress");
  EXPECT_THAT(plan.steps, ElementsAre(Step{StepKind::kStop, "demo-1"}));

  view.instances[0] = Stopped(view.instances[0]);
  EXPECT_THAT(MakePlan(view).steps, IsEmpty()) << "it still receives";
  view.instances[1] = CutOff(view.instances[1]);
  EXPECT_THAT(MakePlan(view).steps,
              ElementsAre(Step{StepKind::kPromote, "demo-2"}));

  view.instances[1] = Primary(2);
  EXPECT_EQ(MakePlan(view).current_primary, "demo-2");
}

TEST(ClusterPlan, ASwitchoverToAnUnknownInstanceIsUndone) {
  ClusterView view = Healthy();
  view.target_primary = "demo-9";
  Plan plan = MakePlan(view);
  EXPECT_EQ(plan.target_primary, "demo-1");
  EXPECT_THAT(plan.steps, IsEmpty());
}

TEST(ClusterPlan, ScalingDownTakesTheHighestButNeverThePrimary) {
  ClusterView view = Healthy();
  view.current_primary = view.target_primary = "demo-3";
  view.instances = {Replica(1, "demo-3"), Replica(2, "demo-3"), Primary(3)};
  view.instances[2].slots = {"_cnpg_demo_1", "_cnpg_demo_2"};
  view.desired = 2;
  Plan plan = MakePlan(view);
  EXPECT_THAT(KindsFor(plan, "demo-2"), ElementsAre(StepKind::kRemoveInstance));
  EXPECT_THAT(KindsFor(plan, "demo-3"), ElementsAre(StepKind::kSyncSlots));
  EXPECT_THAT(KindsFor(plan, "demo-1"), IsEmpty());
  EXPECT_NE(plan.phase, "Cluster in healthy state");
}

TEST(ClusterPlan, ScalingUpTakesTheLowestFreeSerial) {
  ClusterView view = Healthy();
  view.instances.erase(view.instances.begin() + 1);
  view.instances[0].slots = {"_cnpg_demo_3"};
  view.desired = 4;
  EXPECT_THAT(MakePlan(view).steps,
              ElementsAre(Step{StepKind::kAddInstance, "demo-2"},
                          Step{StepKind::kAddInstance, "demo-4"}));
}

TEST(ClusterPlan, AReplicaThatDoesNotStreamIsNotReady) {
  ClusterView view = Healthy();
  view.instances[2] = CutOff(view.instances[2]);
  EXPECT_FALSE(IsReady(view.instances[2], "demo-1"));
  EXPECT_EQ(MakePlan(view).phase, "Waiting for the instances to become active");
}

TEST(ClusterPlan, AFencedPrimaryIsStoppedWithoutFailover) {
  ClusterView view = Healthy();
  view.instances[0].fenced = true;
  EXPECT_THAT(KindsFor(MakePlan(view), "demo-1"), ElementsAre(StepKind::kStop));
  view.instances[0] = Stopped(view.instances[0]);
  Plan plan = MakePlan(view);
  EXPECT_EQ(plan.target_primary, "demo-1");
  EXPECT_THAT(plan.steps, IsEmpty());
}

TEST(ClusterPlan, HibernationStopsReplicasFirst) {
  ClusterView view = Healthy();
  view.hibernate = true;
  EXPECT_THAT(MakePlan(view).steps,
              ElementsAre(Step{StepKind::kStop, "demo-2"},
                          Step{StepKind::kStop, "demo-3"}));
  view.instances[1] = Stopped(view.instances[1]);
  view.instances[2] = Stopped(view.instances[2]);
  EXPECT_THAT(MakePlan(view).steps,
              ElementsAre(Step{StepKind::kStop, "demo-1"}));
}

TEST(ClusterPlan, ARestartThatParametersNeedReachesThePrimaryLast) {
  ClusterView view = Healthy();
  for (InstanceView& instance : view.instances) instance.pending_restart = true;
  Plan plan = MakePlan(view);
  EXPECT_THAT(KindsFor(plan, "demo-1"), IsEmpty());
  EXPECT_THAT(KindsFor(plan, "demo-2"), ElementsAre(StepKind::kStop));
  view.instances[1].pending_restart = view.instances[2].pending_restart = false;
  EXPECT_THAT(KindsFor(MakePlan(view), "demo-1"), ElementsAre(StepKind::kStop));
}

TEST(ClusterPlan, WhenEveryCopyIsGoneItSaysSo) {
  ClusterView view = Healthy();
  view.instances = {};
  Plan plan = MakePlan(view);
  EXPECT_EQ(plan.phase,
            "Cluster is unrecoverable and needs manual intervention");
  EXPECT_THAT(plan.steps, IsEmpty()) << "never begins anew by itself";
}

}  // namespace
}  // namespace howdah::local::controllers

#include "backend/cnpg/health.h"

#include <string>

#include "gmock/gmock.h"

namespace howdah::cnpg {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Cluster Healthy() {
  Cluster cluster;
  cluster.meta.namespace_name = "default";
  cluster.meta.name = "demo";
  cluster.instances = 3;
  cluster.status_instances = 3;
  cluster.ready_instances = 3;
  cluster.current_primary = cluster.target_primary = "demo-1";
  cluster.phase = std::string(kHealthyPhase);
  cluster.conditions = {{"Ready", "True", "ClusterIsReady", ""}};
  cluster.instance_states = {{"demo-1", true, "healthy", 1},
                             {"demo-2", false, "healthy", 1},
                             {"demo-3", false, "healthy", 1}};
  return cluster;
}

bool Has(const HealthReport& report, absl::string_view reason) {
  for (const Problem& problem : report.problems) {
    if (problem.reason == reason) return true;
  }
  return false;
}

TEST(HealthTest, AllReadyAndNothingWrongIsHealthy) {
  HealthReport report = Assess(Healthy());
  EXPECT_EQ(report.health, Health::kHealthy);
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.summary,
            "Cluster default/demo is healthy: 3 of 3 instances ready, primary "
            "demo-1.");
}

TEST(HealthTest, FailingArchiveIsDegradedThoughThePhaseSaysHealthy) {
  Cluster cluster = Healthy();
  cluster.conditions.push_back(
      {"ContinuousArchiving", "False", "Failing", "no bucket"});
  HealthReport report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kDegraded);
  EXPECT_TRUE(Has(report, "ARCHIVING_FAILING"));
  EXPECT_THAT(report.summary, HasSubstr("no bucket"));
}

TEST(HealthTest, AFailedBackupIsDegradedAndARunningOneIsNot) {
  Cluster cluster = Healthy();
  cluster.conditions.push_back(
      {"LastBackupSucceeded", "False", "LastBackupFailed", "disk"});
  EXPECT_TRUE(Has(Assess(cluster), "LAST_BACKUP_FAILED"));
  cluster.conditions.back().reason = "BackupStarted";
  EXPECT_EQ(Assess(cluster).health, Health::kHealthy);
}

TEST(HealthTest, AChangedSpecificationIsProgressingThoughThePhaseIsOld) {
  Cluster cluster = Healthy();
  cluster.instances = 5;
  HealthReport report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kProgressing);
  EXPECT_THAT(report.summary, HasSubstr("3 of 5 instances ready"));
}

TEST(HealthTest, AScaleDownUnderWayTellsBothNumbers) {
  Cluster cluster = Healthy();
  cluster.instances = 1;
  EXPECT_THAT(Assess(cluster).summary,
              HasSubstr("3 instances ready, 1 wanted"));
}

TEST(HealthTest, ABrokenReplicaIsDegraded) {
  Cluster cluster = Healthy();
  cluster.ready_instances = 2;
  cluster.instance_states[2].state = "failed";
  HealthReport report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kDegraded);
  EXPECT_TRUE(Has(report, "INSTANCE_FAILED"));
  EXPECT_TRUE(Has(report, "INSTANCES_NOT_READY"));
}

TEST(HealthTest, NoReadyInstanceIsUnhealthy) {
  Cluster cluster = Healthy();
  cluster.ready_instances = 0;
  HealthReport report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kUnhealthy);
  EXPECT_TRUE(Has(report, "NO_INSTANCE_READY"));
}

TEST(HealthTest, HibernatedIsNeitherHealthyNorUnhealthy) {
  Cluster cluster = Healthy();
  cluster.ready_instances = 0;
  cluster.hibernation_wanted = true;
  cluster.conditions.push_back(
      {"cnpg.io/hibernation", "True", "Hibernated", ""});
  HealthReport report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kHibernated);
  EXPECT_THAT(report.problems, IsEmpty());
}

TEST(HealthTest, AFencedPrimaryDoesNotServe) {
  Cluster cluster = Healthy();
  cluster.fenced = {"demo-1"};
  HealthReport report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kUnhealthy);
  EXPECT_TRUE(Has(report, "PRIMARY_FENCED"));
  cluster.fenced = {"demo-3"};
  cluster.ready_instances = 2;
  report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kDegraded);
  EXPECT_TRUE(Has(report, "INSTANCES_FENCED"));
}

TEST(HealthTest, AnUnknownPhaseIsNeverHealthy) {
  Cluster cluster = Healthy();
  cluster.phase = "Cluster in healthy state, more or less";
  HealthReport report = Assess(cluster);
  EXPECT_NE(report.health, Health::kHealthy);
  EXPECT_TRUE(Has(report, "PHASE_UNKNOWN"));
}

TEST(HealthTest, ACompletelyStuckClusterIsUnhealthyAndSaysWhy) {
  Cluster cluster = Healthy();
  cluster.phase = "Not enough disk space";
  cluster.ready_instances = 0;
  HealthReport report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kUnhealthy);
  EXPECT_EQ(report.problems.front().reason, "PHASE_STUCK");
  EXPECT_THAT(report.problems.front().advice, HasSubstr("Enlarge"));
}

TEST(HealthTest, ANewClusterIsProgressingBeforeTheOperatorHasSaidAnything) {
  Cluster cluster;
  cluster.meta.name = "demo";
  cluster.instances = 3;
  HealthReport report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kProgressing);
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(report.summary, HasSubstr("has not begun yet"));
}

TEST(HealthTest, WhatItIsAtWorkOnIsToldWithItsReason) {
  Cluster cluster = Healthy();
  cluster.ready_instances = 0;
  cluster.phase = "Setting up primary";
  cluster.phase_reason = "Creating primary instance demo-1";
  EXPECT_EQ(Assess(cluster).summary,
            "Cluster default/demo is progressing (Setting up primary: Creating "
            "primary instance demo-1): 0 of 3 instances ready.");
}

TEST(HealthTest, DeletionComesBeforeEverything) {
  Cluster cluster = Healthy();
  cluster.meta.deleting = true;
  EXPECT_EQ(Assess(cluster).health, Health::kDeleting);
}

TEST(HealthTest, ARoleThatCannotBeReconciledIsAProblem) {
  Cluster cluster = Healthy();
  ManagedRole role;
  role.name = "owner";
  role.absent = true;
  role.state = RoleState::kFailed;
  role.message = "some objects depend on it";
  cluster.roles.push_back(role);
  HealthReport report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kDegraded);
  EXPECT_THAT(report.problems.front().message,
              HasSubstr("some objects depend on it"));
}

// As the operator does it without a failoverDelay: no time of failing is told.
TEST(HealthTest, NobodyTakesWritesUntilAFailoverHasASuccessor) {
  Cluster cluster = Healthy();
  EXPECT_EQ(WritingPrimary(cluster), "demo-1");
  cluster.phase = "Failing over";
  cluster.phase_reason = "Failing over from demo-1 to demo-2";
  cluster.ready_instances = 2;
  for (const char* target : {"pending", "demo-2"}) {
    cluster.target_primary = target;
    HealthReport report = Assess(cluster);
    EXPECT_EQ(report.health, Health::kUnhealthy);
    EXPECT_TRUE(Has(report, "FAILING_OVER"));
    EXPECT_EQ(WritingPrimary(cluster), "");
  }
  cluster.current_primary = "demo-2";
  HealthReport report = Assess(cluster);
  EXPECT_EQ(report.health, Health::kProgressing);
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(WritingPrimary(cluster), "demo-2");
}

TEST(HealthTest, WorstProblemsComeFirst) {
  Cluster cluster = Healthy();
  cluster.conditions.push_back({"LastBackupSucceeded", "False", "x", "y"});
  cluster.primary_failing_since = "2026-01-01T00:00:00Z";
  HealthReport report = Assess(cluster);
  ASSERT_EQ(report.problems.size(), 2u);
  EXPECT_EQ(report.problems.front().reason, "PRIMARY_FAILING");
  EXPECT_EQ(report.health, Health::kUnhealthy);
  EXPECT_THAT(report.summary, HasSubstr("And 1 more problem."));
}

}  // namespace
}  // namespace howdah::cnpg

#include "backend/cnpg/cluster.h"

#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace howdah::cnpg {
namespace {

using howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Lt;

// A cluster of three as the operator leaves it, abridged to what can be read.
constexpr absl::string_view kThree = R"({
  "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
  "metadata": {"name": "demo", "namespace": "shop", "uid": "u-1",
    "resourceVersion": "4711", "generation": 3,
    "creationTimestamp": "2026-01-02T03:04:05Z",
    "annotations": {"cnpg.io/fencedInstances": "[\"demo-3\",\"demo-2\"]",
                    "howdah.dev/request-id": "r-1"}},
  "spec": {"instances": 3, "storage": {"size": "10Gi", "storageClass": "fast"},
    "imageName": "ghcr.io/cloudnative-pg/postgresql:16",
    "bootstrap": {"initdb": {"database": "orders", "owner": "shop"}},
    "managed": {"roles": [
      {"name": "good", "login": true, "passwordSecret": {"name": "s"}},
      {"name": "bad", "superuser": true, "inherit": false},
      {"name": "new", "connectionLimit": 5, "inRoles": ["good"]},
      {"name": "gone", "ensure": "absent"}],
      "services": {"disabledDefaultServices": ["ro"]}}},
  "status": {"phase": "Cluster in healthy state", "instances": 3,
    "readyInstances": 2, "currentPrimary": "demo-1", "targetPrimary": "demo-1",
    "image": "ghcr.io/cloudnative-pg/postgresql:16.4-12@sha256:abc",
    "pgDataImageInfo": {"majorVersion": 16},
    "instanceNames": ["demo-1", "demo-2", "demo-3"],
    "instancesStatus": {"healthy": ["demo-1", "demo-2"], "failed": ["demo-3"]},
    "instancesReportedState": {"demo-1": {"isPrimary": true, "timeLineID": 4}},
    "writeService": "demo-rw", "readService": "demo-r",
    "managedRolesStatus": {
      "byStatus": {"reconciled": ["good", "gone"],
                   "pending-reconciliation": ["bad"]},
      "cannotReconcile": {"bad": ["first", "second"]},
      "passwordStatus": {"good": {"resourceVersion": "9", "transactionID": 7}}},
    "conditions": [{"type": "Ready", "status": "True", "reason": "R",
                    "message": "M"}]}})";

TEST(ClusterTest, ReadsWhatTheOperatorWrites) {
  absl::StatusOr<Cluster> cluster = ReadCluster(kThree);
  ASSERT_OK(cluster);
  EXPECT_EQ(cluster->meta.namespace_name, "shop");
  EXPECT_EQ(cluster->meta.resource_version, "4711");
  EXPECT_EQ(cluster->meta.request_id, "r-1");
  EXPECT_EQ(absl::FormatTime(cluster->meta.created, absl::UTCTimeZone()),
            "2026-01-02T03:04:05+00:00");
  EXPECT_EQ(cluster->instances, 3);
  EXPECT_EQ(cluster->ready_instances, 2);
  EXPECT_EQ(cluster->application_database, "orders");
  EXPECT_EQ(cluster->application_owner, "shop");
  EXPECT_EQ(cluster->application_secret, "demo-app");
  EXPECT_TRUE(cluster->read_only_service_disabled);
  EXPECT_THAT(cluster->fenced, ElementsAre("demo-3", "demo-2"));
  ASSERT_EQ(cluster->instance_states.size(), 3u);
  EXPECT_TRUE(cluster->instance_states[0].primary);
  EXPECT_EQ(cluster->instance_states[0].timeline, 4);
  EXPECT_EQ(cluster->instance_states[2].state, "failed");
}

TEST(ClusterTest, TellsTheStateOfEachInlineRole) {
  absl::StatusOr<Cluster> cluster = ReadCluster(kThree);
  ASSERT_OK(cluster);
  const auto& roles = cluster->roles;
  ASSERT_EQ(roles.size(), 4u);
  EXPECT_EQ(roles[0].state, RoleState::kReconciled);
  EXPECT_EQ(roles[0].applied_password_version, "9");
  EXPECT_EQ(roles[0].applied_transaction, 7);
  EXPECT_EQ(roles[1].state, RoleState::kFailed);
  EXPECT_EQ(roles[1].message, "first; second");
  EXPECT_FALSE(roles[1].attributes.inherit);
  EXPECT_EQ(roles[2].state, RoleState::kPending);
  EXPECT_EQ(roles[2].attributes.connection_limit, 5);
  EXPECT_THAT(roles[2].attributes.in_roles, ElementsAre("good"));
  EXPECT_TRUE(roles[3].absent);
}

TEST(ClusterTest, VersionComesFromTheImageThatRuns) {
  absl::StatusOr<Cluster> cluster = ReadCluster(kThree);
  ASSERT_OK(cluster);
  EXPECT_EQ(PostgresVersion(*cluster), "16.4");
  cluster->running_image = "registry:5000/own/postgres@sha256:abc";
  EXPECT_EQ(PostgresVersion(*cluster), "16") << "the major version is known";
  cluster->major_version = 0;
  cluster->image_name = "ghcr.io/cloudnative-pg/postgresql:17.2-bookworm";
  EXPECT_EQ(PostgresVersion(*cluster), "17.2");
  cluster->image_name = "";
  EXPECT_EQ(PostgresVersion(*cluster), "");
}

TEST(ClusterTest, AClusterOfThreeTakesLessThanFourKilobytes) {
  absl::StatusOr<Cluster> cluster = ReadCluster(kThree);
  ASSERT_OK(cluster);
  EXPECT_THAT(MemoryUse(*cluster), Lt(4096u));
}

TEST(ClusterTest, FieldsOfUnexpectedTypesReadAsEmpty) {
  absl::StatusOr<Cluster> cluster = ReadCluster(
      R"({"metadata": {"name": "x"}, "spec": {"instances": "many"},
          "status": {"conditions": {}, "phase": 7, "instanceNames": null}})");
  ASSERT_OK(cluster);
  EXPECT_EQ(cluster->phase, "");
  EXPECT_EQ(cluster->instances, 1);
}

TEST(ClusterTest, WhatIsNoObjectIsRefused) {
  EXPECT_THAT(ReadCluster("{"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadCluster("[]"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadCluster("{}"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ClusterTest, ARecoveredClusterHasNoKnownApplicationOwner) {
  absl::StatusOr<Cluster> cluster = ReadCluster(
      R"({"metadata": {"name": "x"},
          "spec": {"bootstrap": {"recovery": {"source": "y"}}}})");
  ASSERT_OK(cluster);
  EXPECT_EQ(cluster->application_owner, "");
  EXPECT_EQ(cluster->application_secret, "");
}

}  // namespace
}  // namespace howdah::cnpg

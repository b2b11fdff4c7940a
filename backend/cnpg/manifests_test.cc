// Manifests and edits: cluster_spec.h, roles.h, databases.h.
#include <string>

#include "backend/cnpg/cluster_spec.h"
#include "backend/cnpg/databases.h"
#include "backend/cnpg/errors.h"
#include "backend/cnpg/roles.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace howdah::cnpg {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::Lt;
using ::testing::SizeIs;

TEST(ClusterSpecTest, WritesAManifestThatPeopleCanRead) {
  ClusterSpec spec;
  spec.namespace_name = "default";
  spec.name = "demo";
  spec.instances = 3;
  spec.storage_size = "10Gi";
  spec.postgres_version = "16";
  spec.request_id = "r-1";
  EXPECT_EQ(ToYaml(ClusterManifest(spec)), R"(apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  annotations:
    howdah.dev/request-id: r-1
  labels:
    app.kubernetes.io/managed-by: howdah
  name: demo
  namespace: default
spec:
  bootstrap:
    initdb:
      database: app
      owner: app
  imageName: "ghcr.io/cloudnative-pg/postgresql:16"
  instances: 3
  storage:
    size: "10Gi"
)");
}

TEST(YamlTest, QuotesWhatYamlWouldReadAsSomethingElse) {
  EXPECT_EQ(ToYaml({{"a", "no"},
                    {"b", "16"},
                    {"c", "x: y"},
                    {"d", Json::array()},
                    {"e", {{{"f", 1}, {"g", true}}, "h"}},
                    {"no", nullptr}}),
            "a: \"no\"\nb: \"16\"\nc: \"x: y\"\nd: []\n"
            "e:\n- f: 1\n  g: true\n- h\n\"no\": null\n");
}

Json ClusterWith(const Json& roles) {
  return {{"spec", {{"managed", {{"roles", roles}}}}}};
}

TEST(RolesTest, AnEditKeepsOtherEntriesAndUnknownFields) {
  Json cluster = ClusterWith({{{"name", "a"}, {"future", 1}},
                              {{"name", "b"}, {"validUntil", "infinity"}}});
  RoleEdit edit;
  edit.kind = RoleEdit::Kind::kUpdate;
  edit.name = "b";
  RoleChanges changes;
  changes.createdb = true;
  EXPECT_EQ(
      EditRoles(cluster, edit, changes),
      Json({{{"name", "a"}, {"future", 1}},
            {{"name", "b"}, {"validUntil", "infinity"}, {"createdb", true}}}));
}

TEST(RolesTest, OnlyAnAbsentEntryIsTakenOffTheList) {
  RoleEdit edit;
  edit.kind = RoleEdit::Kind::kRemoveAbsent;
  edit.name = "a";
  EXPECT_THAT(EditRoles(ClusterWith({{{"name", "a"}}}), edit), SizeIs(1));
  EXPECT_THAT(
      EditRoles(ClusterWith({{{"name", "a"}, {"ensure", "absent"}}}), edit),
      SizeIs(0));
}

TEST(RolesTest, AnAbsentEntryNamesNoSecretAnyMore) {
  RoleEdit edit;
  edit.kind = RoleEdit::Kind::kEnsureAbsent;
  edit.name = "a";
  Json cluster =
      ClusterWith({{{"name", "a"}, {"passwordSecret", {{"name", "s"}}}}});
  EXPECT_EQ(EditRoles(cluster, edit),
            Json({{{"name", "a"}, {"ensure", "absent"}}}));
}

TEST(RolesTest, ChangesAreListedOnlyWhereSomethingChanges) {
  RoleAttributes attributes;
  attributes.login = true;
  RoleChanges changes;
  changes.login = true;
  changes.superuser = true;
  EXPECT_THAT(ApplyChanges(changes, attributes),
              ElementsAre("superuser: false -> true"));
  EXPECT_TRUE(attributes.superuser);
  EXPECT_THAT(ElevationWarnings("x", attributes), SizeIs(1));
}

TEST(RolesTest, ADatabaseRoleWritesOutEveryAttribute) {
  RoleAttributes attributes;
  attributes.login = true;
  Json spec = DatabaseRoleManifest("default", "demo-x", "demo", "x", attributes,
                                   "secret")["spec"];
  EXPECT_EQ(spec["login"], true);
  EXPECT_EQ(spec["inherit"], true);
  EXPECT_EQ(spec["superuser"], false);
}

TEST(DatabaseRoleTest, AnOldObservationSaysNothingAboutANewGeneration) {
  auto read = [](int generation, int observed) {
    Json object = {
        {"metadata", {{"name", "x"}, {"generation", generation}}},
        {"spec", {{"name", "r"}, {"cluster", {{"name", "c"}}}}},
        {"status", {{"applied", true}, {"observedGeneration", observed}}}};
    return ReadDatabaseRole(object.dump());
  };
  ASSERT_OK(read(2, 2));
  EXPECT_EQ(read(2, 2)->role.state, RoleState::kReconciled);
  EXPECT_EQ(read(3, 2)->role.state, RoleState::kPending);
}

TEST(DatabaseTest, ReadsStateAndPolicy) {
  Json object = {{"metadata", {{"name", "demo-x"}, {"generation", 1}}},
                 {"spec",
                  {{"name", "orders"},
                   {"owner", "app"},
                   {"cluster", {{"name", "demo"}}},
                   {"databaseReclaimPolicy", "delete"}}},
                 {"status", {{"applied", false}, {"message", "no such role"}}}};
  absl::StatusOr<Database> database = ReadDatabase(object.dump());
  ASSERT_OK(database);
  EXPECT_EQ(database->state, DatabaseState::kFailed);
  EXPECT_EQ(database->message, "no such role");
  EXPECT_TRUE(database->drop_on_delete);
}

TEST(ErrorsTest, TextFromOutsideIsBoundedAndOnOneLine) {
  EXPECT_EQ(Excerpt("two\nlines"), "two lines.");
  std::string umlauts;
  for (int i = 0; i < 1000; ++i) umlauts += "ä";
  EXPECT_THAT(Excerpt(umlauts), SizeIs(Lt(410u)));
}

}  // namespace
}  // namespace howdah::cnpg

#include "backend/services/database_service.h"

#include <string>
#include <vector>

#include "backend/services/service_fixture.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;
using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Json = nlohmann::json;

class DatabaseServiceTest : public ::testing::Test {
 protected:
  DatabaseServiceTest() { MakeCluster(server_, "demo"); }

  static pb::CreateDatabaseRequest CreateRequest(const std::string& database,
                                                 const std::string& owner) {
    pb::CreateDatabaseRequest request;
    request.set_cluster_name("demo");
    request.set_database_name(database);
    request.set_owner(owner);
    return request;
  }
  static pb::DeleteDatabaseRequest DeleteRequest(const std::string& database) {
    pb::DeleteDatabaseRequest request;
    request.set_cluster_name("demo");
    request.set_database_name(database);
    return request;
  }

  FakeControlPlane server_;
  FakeOperator cnpg_{server_};
  Replica replica_{server_};
};

TEST_F(DatabaseServiceTest, ACreatedDatabaseIsInPostgres) {
  auto response = replica_.databases.CreateDatabase(
      CallFor(), CreateRequest("app_data", "app"));
  ASSERT_OK(response);
  EXPECT_EQ(response->database().state(), pb::Database::STATE_APPLIED);
  EXPECT_TRUE(cnpg_.HasDatabase("demo", "app_data"));
  EXPECT_THAT(response->warnings(), IsEmpty());
  EXPECT_THAT(replica_.databases.CreateDatabase(
                  CallFor(), CreateRequest("app_data", "app")),
              HasReason("DATABASE_EXISTS"));
}

// It was deleted and made anew by another replica, and this one's watch is
// late.
TEST_F(DatabaseServiceTest, AnEarlierDatabaseOfTheNameIsNotTakenForThisOne) {
  const auto request = CreateRequest("app_data", "app");
  ASSERT_OK(replica_.databases.CreateDatabase(CallFor(), request));
  Json made = server_.PeekAll("databases")[0];
  RoleService::Options options = Replica::RoleOptions();
  options.settle = absl::Milliseconds(200);
  Replica other(server_, options);
  auto plane = other.planes.Get("");
  ASSERT_OK(plane);
  auto& cache = dynamic_cast<FakeObjectCache<cnpg::Database>&>(
      (*plane)->databases().cache());
  cache.Start();
  cache.Hold();
  ASSERT_OK(
      replica_.databases.DeleteDatabase(CallFor(), DeleteRequest("app_data")));
  cnpg_.Pause();
  made["metadata"].erase("deletionTimestamp");
  made["metadata"].erase("resourceVersion");
  ASSERT_OK(server_.Create(kubernetes::kDatabases, "default", made, {}, {}));

  auto response = other.databases.CreateDatabase(CallFor(), request);
  ASSERT_OK(response);
  EXPECT_EQ(response->database().state(), pb::Database::STATE_PENDING);
  EXPECT_THAT(response->summary(), HasSubstr("has not applied it yet"));
}

TEST_F(DatabaseServiceTest, AListComesInPagesFromAnyReplica) {
  MakeCluster(server_, "demo-b");
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    auto request = CreateRequest(name, "app");
    ASSERT_OK(replica_.databases.CreateDatabase(CallFor(), request));
    request.set_cluster_name("demo-b");
    ASSERT_OK(replica_.databases.CreateDatabase(CallFor(), request));
  }
  Replica other(server_);
  other.others_write = true;
  pb::ListDatabasesRequest list;
  list.set_cluster_name("demo");
  list.set_page_size(2);
  std::vector<std::string> seen;
  do {
    Replica& one = seen.size() % 4 == 0 ? other : replica_;
    auto page = one.databases.ListDatabases(CallFor(), list);
    ASSERT_OK(page);
    EXPECT_LE(page->databases_size(), 2);
    for (const pb::Database& database : page->databases()) {
      seen.push_back(database.name());
    }
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(seen, ElementsAre("a", "b", "c", "d", "e"));
}

TEST_F(DatabaseServiceTest, AMissingOwnerIsToldInTheOperatorsWords) {
  auto response = replica_.databases.CreateDatabase(
      CallFor(), CreateRequest("orders", "nobody"));
  EXPECT_THAT(response, HasReason("DATABASE_NOT_APPLIED"));
  EXPECT_THAT(std::string(response.status().message()),
              HasSubstr("role \"nobody\" does not exist"));
}

// The object of cluster "demo" and database "a-b" has the readable name that
// belongs to cluster "demo-a" and database "b" too.
TEST_F(DatabaseServiceTest, AnotherClustersDatabaseIsNeverTaken) {
  MakeCluster(server_, "demo-a");
  ASSERT_OK(replica_.databases.CreateDatabase(CallFor(),
                                              CreateRequest("a-b", "app")));
  EXPECT_THAT(server_.PeekAll("databases")[0]["metadata"]["name"], "demo-a-b");
  auto remove = DeleteRequest("b");
  remove.set_cluster_name("demo-a");
  EXPECT_THAT(replica_.databases.DeleteDatabase(CallFor(), remove),
              HasReason("DATABASE_NOT_FOUND"));

  auto create = CreateRequest("b", "app");
  create.set_cluster_name("demo-a");
  ASSERT_OK(replica_.databases.CreateDatabase(CallFor(), create));
  EXPECT_THAT(server_.PeekAll("databases"), SizeIs(2));
  ASSERT_OK(replica_.databases.DeleteDatabase(CallFor(), remove));
  ASSERT_THAT(server_.PeekAll("databases"), SizeIs(1));
  EXPECT_EQ(server_.PeekAll("databases")[0]["spec"]["cluster"]["name"], "demo");
}

TEST_F(DatabaseServiceTest, RetainKeepsTheDataAndNeedsNoConfirmation) {
  ASSERT_OK(replica_.databases.CreateDatabase(CallFor(),
                                              CreateRequest("orders", "app")));
  auto response =
      replica_.databases.DeleteDatabase(CallFor(), DeleteRequest("orders"));
  ASSERT_OK(response);
  EXPECT_FALSE(response->dropped());
  EXPECT_THAT(response->losses(), IsEmpty());
  EXPECT_TRUE(cnpg_.HasDatabase("demo", "orders"));
  EXPECT_THAT(server_.PeekAll("databases"), IsEmpty());
}

TEST_F(DatabaseServiceTest, DroppingNeedsConfirmation) {
  auto create = CreateRequest("orders", "app");
  create.set_reclaim_policy(pb::RECLAIM_POLICY_DELETE);
  ASSERT_OK(replica_.databases.CreateDatabase(CallFor(), create));
  auto request = DeleteRequest("orders");
  EXPECT_THAT(replica_.databases.DeleteDatabase(CallFor(), request),
              HasReason("CONFIRMATION_REQUIRED"));
  EXPECT_TRUE(cnpg_.HasDatabase("demo", "orders"));
  request.set_confirm_deletion(true);
  auto response = replica_.databases.DeleteDatabase(CallFor(), request);
  ASSERT_OK(response);
  EXPECT_TRUE(response->dropped());
  EXPECT_FALSE(cnpg_.HasDatabase("demo", "orders"));
}

TEST_F(DatabaseServiceTest, ADatabaseInUseIsNotCalledDropped) {
  auto create = CreateRequest("orders", "app");
  create.set_reclaim_policy(pb::RECLAIM_POLICY_DELETE);
  ASSERT_OK(replica_.databases.CreateDatabase(CallFor(), create));
  cnpg_.InUse("orders");
  auto request = DeleteRequest("orders");
  request.set_confirm_deletion(true);
  auto response = replica_.databases.DeleteDatabase(CallFor(), request);
  EXPECT_THAT(response, HasReason("DATABASE_NOT_DROPPED"));
  EXPECT_THAT(std::string(response.status().message()),
              HasSubstr("is being accessed by other users"));
}

TEST_F(DatabaseServiceTest, ALostAnswerIsFoundByRepeatingTheCall) {
  auto request = CreateRequest("orders", "app");
  request.set_request_id("id-1");
  server_.DieAfterWrites(1);
  EXPECT_THAT(replica_.databases.CreateDatabase(CallFor(), request),
              StatusIs(absl::StatusCode::kUnavailable));
  server_.Revive();
  ASSERT_OK(replica_.databases.CreateDatabase(CallFor(), request));
  EXPECT_THAT(server_.PeekAll("databases"), SizeIs(1));
}

TEST_F(DatabaseServiceTest, WhatBelongsToPostgresIsRefused) {
  EXPECT_THAT(replica_.databases.CreateDatabase(
                  CallFor(), CreateRequest("template1", "app")),
              HasReason("DATABASE_RESERVED"));
  EXPECT_THAT(
      replica_.databases.CreateDatabase(CallFor(), CreateRequest("app", "app")),
      HasReason("DATABASE_EXISTS"));
}

TEST_F(DatabaseServiceTest, ADryRunShowsTheManifestAndWritesNothing) {
  uint64_t version = server_.version();
  auto request = CreateRequest("orders", "app");
  request.set_dry_run(true);
  auto response = replica_.databases.CreateDatabase(CallFor(), request);
  ASSERT_OK(response);
  EXPECT_THAT(response->manifest(), HasSubstr("kind: Database"));
  EXPECT_THAT(server_.PeekAll("databases"), IsEmpty());
  EXPECT_GE(server_.version(), version);
}

TEST_F(DatabaseServiceTest, AListShowsDatabasesOfThisCluster) {
  MakeCluster(server_, "other");
  ASSERT_OK(replica_.databases.CreateDatabase(CallFor(),
                                              CreateRequest("orders", "app")));
  auto foreign = CreateRequest("foreign", "app");
  foreign.set_cluster_name("other");
  ASSERT_OK(replica_.databases.CreateDatabase(CallFor(), foreign));
  pb::ListDatabasesRequest request;
  request.set_cluster_name("demo");
  auto response = replica_.databases.ListDatabases(CallFor(), request);
  ASSERT_OK(response);
  ASSERT_EQ(response->count(), 1);
  EXPECT_EQ(response->databases(0).name(), "orders");
  EXPECT_THAT(response->summary(), HasSubstr("1 managed database,"));
}

TEST(OldOperatorTest, WithoutDatabaseObjectsTheNeededReleaseIsTold) {
  FakeControlPlane server;
  server.DoNotServe("databases");
  MakeCluster(server, "demo");
  Replica replica(server);
  pb::ListDatabasesRequest request;
  request.set_cluster_name("demo");
  auto response = replica.databases.ListDatabases(CallFor(), request);
  EXPECT_THAT(response, HasReason("OPERATOR_TOO_OLD"));
  EXPECT_THAT(std::string(response.status().message()), HasSubstr("1.25"));
}

}  // namespace
}  // namespace howdah::services

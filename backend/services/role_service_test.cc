#include "backend/services/role_service.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
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
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

pb::CreateRoleRequest CreateRequest(const std::string& role,
                                    const std::string& request_id = "") {
  pb::CreateRoleRequest request;
  request.set_cluster_name("demo");
  request.set_role_name(role);
  if (!request_id.empty()) request.set_request_id(request_id);
  return request;
}

pb::UpdateRoleRequest UpdateRequest(const std::string& role) {
  pb::UpdateRoleRequest request;
  request.set_cluster_name("demo");
  request.set_role_name(role);
  return request;
}

pb::DeleteRoleRequest DeleteRequest(const std::string& role,
                                    bool confirm = true) {
  pb::DeleteRoleRequest request;
  request.set_cluster_name("demo");
  request.set_role_name(role);
  request.set_confirm_deletion(confirm);
  return request;
}

// Both ways to declare roles have to behave alike.
enum class BackEnd { kInline, kObjects };

class RoleServiceTest : public ::testing::TestWithParam<BackEnd> {
 protected:
  RoleServiceTest() {
    if (GetParam() == BackEnd::kInline) server_.DoNotServe("databaseroles");
    MakeCluster(server_, "demo");
  }

  size_t CountDeclared() {
    std::optional<Json> cluster = server_.Peek("clusters", {"default", "demo"});
    return cluster
               ->value(Json::json_pointer("/spec/managed/roles"), Json::array())
               .size() +
           server_.PeekAll("databaseroles").size();
  }

  void PutForeignSecret(const std::string& name) {
    Json secret = {{"apiVersion", "v1"},
                   {"kind", "Secret"},
                   {"metadata", {{"name", name}}},
                   {"data", {{"password", "c2VjcmV0"}}}};
    ASSERT_OK(server_.Create(kubernetes::kSecrets, "default", secret, {}, {}));
  }

  std::string PasswordIn(const std::string& secret) {
    std::optional<Json> object = server_.Peek("secrets", {"default", secret});
    std::string password;
    if (object) {
      absl::Base64Unescape((*object)["data"]["password"].get<std::string>(),
                           &password);
    }
    return password;
  }

  FakeControlPlane server_;
  FakeOperator cnpg_{server_};
  Replica replica_{server_};
};

INSTANTIATE_TEST_SUITE_P(BackEnds, RoleServiceTest,
                         ::testing::Values(BackEnd::kInline, BackEnd::kObjects),
                         [](const auto& info) {
                           return info.param == BackEnd::kInline ? "Inline"
                                                                 : "Objects";
                         });

TEST_P(RoleServiceTest, ACreatedRoleIsInPostgresWithAPasswordInASecret) {
  auto request = CreateRequest("reporting");
  request.set_createdb(true);
  auto response = replica_.roles.CreateRole(CallFor(), request);
  ASSERT_OK(response);
  EXPECT_EQ(response->role().password_secret(), "cnpg-demo-user-reporting");
  EXPECT_EQ(response->role().state(), pb::Role::STATE_RECONCILED);
  EXPECT_EQ(response->role().source(), GetParam() == BackEnd::kInline
                                           ? pb::Role::SOURCE_INLINE
                                           : pb::Role::SOURCE_DATABASE_ROLE);
  EXPECT_TRUE(cnpg_.HasRole("demo", "reporting"));
  EXPECT_EQ(cnpg_.Role("demo", "reporting")["attributes"]["createdb"], true);

  Json secret =
      *server_.Peek("secrets", {"default", "cnpg-demo-user-reporting"});
  EXPECT_EQ(secret["type"], "kubernetes.io/basic-auth");
  EXPECT_EQ(secret["metadata"]["labels"]["cnpg.io/reload"], "true");
  std::string password = PasswordIn("cnpg-demo-user-reporting");
  EXPECT_THAT(password, SizeIs(32));
  EXPECT_THAT(response->DebugString(), Not(HasSubstr(password)));
}

TEST_P(RoleServiceTest, NamesThatKubernetesCannotHaveWork) {
  for (const char* name : {"app_user", "Äpfel", "a b/c", "UPPER"}) {
    auto response = replica_.roles.CreateRole(CallFor(), CreateRequest(name));
    ASSERT_OK(response) << name;
    EXPECT_TRUE(cnpg_.HasRole("demo", name)) << name;
  }
  EXPECT_THAT(server_.PeekAll("secrets"), SizeIs(4));
}

TEST_P(RoleServiceTest, ASecretOfSomebodyElseIsNeverTouched) {
  PutForeignSecret("cnpg-demo-user-reporting");
  auto response =
      replica_.roles.CreateRole(CallFor(), CreateRequest("reporting"));
  ASSERT_OK(response);
  EXPECT_NE(response->role().password_secret(), "cnpg-demo-user-reporting");
  EXPECT_EQ(PasswordIn("cnpg-demo-user-reporting"), "secret");
  ASSERT_OK(replica_.roles.DeleteRole(CallFor(), DeleteRequest("reporting")));
  EXPECT_EQ(PasswordIn("cnpg-demo-user-reporting"), "secret");
  EXPECT_THAT(server_.PeekAll("secrets"), SizeIs(1));
}

// Cluster "demo" with role "user-x" and cluster "demo-user" with role "x" have
// the same readable Secret name.
TEST_P(RoleServiceTest, TwoClustersWhoseNamesRunTogetherKeepTheirOwnSecrets) {
  MakeCluster(server_, "demo-user");
  auto first = replica_.roles.CreateRole(CallFor(), CreateRequest("user-x"));
  ASSERT_OK(first);
  auto request = CreateRequest("x");
  request.set_cluster_name("demo-user");
  auto second = replica_.roles.CreateRole(CallFor(), request);
  ASSERT_OK(second);
  EXPECT_NE(first->role().password_secret(), second->role().password_secret());
  EXPECT_TRUE(cnpg_.HasRole("demo", "user-x"));
  EXPECT_TRUE(cnpg_.HasRole("demo-user", "x"));
  auto remove = DeleteRequest("x");
  remove.set_cluster_name("demo-user");
  ASSERT_OK(replica_.roles.DeleteRole(CallFor(), remove));
  EXPECT_TRUE(cnpg_.HasRole("demo", "user-x"));
  EXPECT_NE(PasswordIn(first->role().password_secret()), "");
}

TEST_P(RoleServiceTest, ARepeatedCallWithTheSameIdGivesTheEarlierResult) {
  auto request = CreateRequest("reporting", "id-1");
  ASSERT_OK(replica_.roles.CreateRole(CallFor(), request));
  std::string password = PasswordIn("cnpg-demo-user-reporting");
  ASSERT_OK(replica_.roles.CreateRole(CallFor(), request));
  EXPECT_EQ(PasswordIn("cnpg-demo-user-reporting"), password);
  EXPECT_EQ(CountDeclared(), 1u);

  request.set_createdb(true);
  EXPECT_THAT(replica_.roles.CreateRole(CallFor(), request),
              HasReason("REQUEST_ID_REUSED"));
  EXPECT_THAT(
      replica_.roles.CreateRole(CallFor(), CreateRequest("reporting", "id-2")),
      HasReason("ROLE_EXISTS"));
}

TEST_P(RoleServiceTest, ACallCutOffAfterAnyWriteIsHealedByRepeatingIt) {
  for (int writes = 1; writes <= 2; ++writes) {
    std::string role = absl::StrCat("role", writes);
    auto request = CreateRequest(role, absl::StrCat("id-", writes));
    {
      Replica before_the_crash(server_);
      server_.DieAfterWrites(writes);
      EXPECT_THAT(before_the_crash.roles.CreateRole(CallFor(), request),
                  StatusIs(absl::StatusCode::kUnavailable));
    }
    server_.Revive();
    Replica after_the_crash(server_);
    auto response = after_the_crash.roles.CreateRole(CallFor(), request);
    ASSERT_OK(response) << "after write " << writes;
    EXPECT_TRUE(cnpg_.HasRole("demo", role));
    EXPECT_EQ(CountDeclared(), static_cast<size_t>(writes));
    EXPECT_THAT(server_.PeekAll("secrets"), SizeIs(writes));
  }
}

TEST_P(RoleServiceTest, AFailedDeclarationDoesNotBlockARetry) {
  const char* verb = GetParam() == BackEnd::kInline ? "patch" : "create";
  const char* plural =
      GetParam() == BackEnd::kInline ? "clusters" : "databaseroles";
  server_.FailNext(verb, plural, absl::PermissionDeniedError("forbidden"));
  EXPECT_THAT(replica_.roles.CreateRole(CallFor(), CreateRequest("reporting")),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_OK(replica_.roles.CreateRole(CallFor(), CreateRequest("reporting")));
  EXPECT_THAT(server_.PeekAll("secrets"), SizeIs(1));
}

TEST_P(RoleServiceTest, ADeletionCutOffAfterAnyWriteIsHealedByRepeatingIt) {
  for (int writes = 1; writes <= 3; ++writes) {
    std::string role = absl::StrCat("role", writes);
    ASSERT_OK(replica_.roles.CreateRole(CallFor(), CreateRequest(role)));
    {
      Replica before_the_crash(server_);
      server_.DieAfterWrites(writes);
      EXPECT_THAT(
          before_the_crash.roles.DeleteRole(CallFor(), DeleteRequest(role)),
          StatusIs(absl::StatusCode::kUnavailable))
          << "after write " << writes;
    }
    server_.Revive();
    RoleService::Options options = Replica::RoleOptions();
    options.settle = absl::Milliseconds(300);
    Replica after_the_crash(server_, options);
    auto response =
        after_the_crash.roles.DeleteRole(CallFor(), DeleteRequest(role));
    // After the last write of all nothing is left to delete.
    if (writes < 3) {
      EXPECT_OK(response) << "after write " << writes;
    } else {
      EXPECT_THAT(response, HasReason("ROLE_NOT_FOUND"));
    }
    EXPECT_FALSE(cnpg_.HasRole("demo", role));
    EXPECT_THAT(server_.PeekAll("secrets"), IsEmpty());
    EXPECT_EQ(CountDeclared(), 0u);
  }
}

TEST_P(RoleServiceTest, NoThreadIsHeldWhileTheOperatorSettles) {
  constexpr int kCalls = 50;
  cnpg_.Pause();
  const CallContext context = CallFor();
  std::vector<pb::CreateRoleRequest> requests;
  std::vector<Later<pb::CreateRoleResponse>> answers(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    requests.push_back(CreateRequest(absl::StrCat("role", i)));
  }
  // All begin on one thread, so none of them can have waited.
  for (int i = 0; i < kCalls; ++i) {
    replica_.role_service.CreateRole(context, requests[i], answers[i].reply());
    EXPECT_FALSE(answers[i].answered());
  }
  cnpg_.Resume();
  for (Later<pb::CreateRoleResponse>& answer : answers) {
    absl::StatusOr<pb::CreateRoleResponse> response = answer.Await();
    ASSERT_OK(response);
    EXPECT_EQ(response->role().state(), pb::Role::STATE_RECONCILED);
  }
}

TEST_P(RoleServiceTest, TheRestOfACallRunsOnTheExecutor) {
  // Counts, and otherwise runs things at once.
  class Host : public CallHost {
   public:
    void Resume(std::function<void()> rest) override {
      ++resumed;
      rest();
    }
    std::stop_token draining() const override { return {}; }
    int resumed = 0;
  };
  Host host;
  CallContext context = CallFor();
  context.host = &host;
  ASSERT_OK(replica_.roles.CreateRole(context, CreateRequest("reporting")));
  EXPECT_EQ(host.resumed, 1);
  ASSERT_OK(replica_.roles.DeleteRole(context, DeleteRequest("reporting")));
  EXPECT_EQ(host.resumed, 2);
}

TEST_P(RoleServiceTest, AHundredCreationsAtOnceLoseNone) {
  Replica other(server_);
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&, i] {
      Replica& replica = i % 2 == 0 ? replica_ : other;
      auto response = replica.roles.CreateRole(
          CallFor(absl::Seconds(60)), CreateRequest(absl::StrCat("role", i)));
      if (!response.ok()) ++failures;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(CountDeclared(), 100u);
  EXPECT_EQ(cnpg_.CountRoles("demo"), 100u);
  EXPECT_THAT(server_.PeekAll("secrets"), SizeIs(100));
}

TEST_P(RoleServiceTest, ADeletedRoleIsReallyDropped) {
  ASSERT_OK(replica_.roles.CreateRole(CallFor(), CreateRequest("reporting")));
  EXPECT_THAT(
      replica_.roles.DeleteRole(CallFor(), DeleteRequest("reporting", false)),
      HasReason("CONFIRMATION_REQUIRED"));
  EXPECT_TRUE(cnpg_.HasRole("demo", "reporting"));

  auto response =
      replica_.roles.DeleteRole(CallFor(), DeleteRequest("reporting"));
  ASSERT_OK(response);
  EXPECT_TRUE(response->secret_deleted());
  EXPECT_FALSE(cnpg_.HasRole("demo", "reporting"));
  EXPECT_EQ(CountDeclared(), 0u);
  EXPECT_THAT(server_.PeekAll("secrets"), IsEmpty());
}

TEST_P(RoleServiceTest, ARoleThatOwnsObjectsStaysAndTheReasonIsShown) {
  ASSERT_OK(replica_.roles.CreateRole(CallFor(), CreateRequest("owner")));
  cnpg_.OwnsObjects("owner");
  auto refused = replica_.roles.DeleteRole(CallFor(), DeleteRequest("owner"));
  EXPECT_THAT(refused, HasReason("ROLE_NOT_DROPPED"));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("some objects depend on it"));
  EXPECT_TRUE(cnpg_.HasRole("demo", "owner"));
  EXPECT_THAT(server_.PeekAll("secrets"), SizeIs(1));

  cnpg_.OwnsObjects("owner", false);
  RoleService::Options options = Replica::RoleOptions();
  options.settle = absl::Milliseconds(300);
  Replica later(server_, options);
  absl::StatusOr<pb::DeleteRoleResponse> response;
  response = later.roles.DeleteRole(CallFor(), DeleteRequest("owner"));
  EXPECT_OK(response);
  EXPECT_FALSE(cnpg_.HasRole("demo", "owner"));
  EXPECT_THAT(server_.PeekAll("secrets"), IsEmpty());
}

TEST_P(RoleServiceTest, AnEntryIsKeptUntilTheOperatorHasDroppedTheRole) {
  ASSERT_OK(replica_.roles.CreateRole(CallFor(), CreateRequest("reporting")));
  cnpg_.Pause();
  RoleService::Options options = Replica::RoleOptions();
  options.settle = absl::Milliseconds(100);
  Replica hasty(server_, options);
  auto response = hasty.roles.DeleteRole(CallFor(), DeleteRequest("reporting"));
  ASSERT_OK(response);
  EXPECT_FALSE(response->secret_deleted());
  EXPECT_THAT(response->summary(), HasSubstr("has not confirmed"));
  EXPECT_EQ(CountDeclared(), 1u);
  EXPECT_THAT(server_.PeekAll("secrets"), SizeIs(1));
  cnpg_.Resume();
}

TEST_P(RoleServiceTest, AnUpdateChangesJustWhatIsGiven) {
  auto create = CreateRequest("reporting");
  create.set_createrole(true);
  ASSERT_OK(replica_.roles.CreateRole(CallFor(), create));
  auto update = UpdateRequest("reporting");
  update.set_createdb(true);
  auto response = replica_.roles.UpdateRole(CallFor(), update);
  ASSERT_OK(response);
  EXPECT_THAT(response->changes(), ElementsAre("createdb: false -> true"));
  EXPECT_THAT(response->summary(), HasSubstr("is changed"));
  Json attributes = cnpg_.Role("demo", "reporting")["attributes"];
  EXPECT_EQ(attributes["createdb"], true);
  EXPECT_EQ(attributes["createrole"], true);
  EXPECT_EQ(attributes["login"], true);

  response = replica_.roles.UpdateRole(CallFor(), update);
  ASSERT_OK(response);
  EXPECT_THAT(response->changes(), IsEmpty());
  EXPECT_THAT(response->summary(), HasSubstr("nothing was changed"));
}

TEST_P(RoleServiceTest, ANewPasswordReachesPostgresAndIsNeverShown) {
  ASSERT_OK(replica_.roles.CreateRole(CallFor(), CreateRequest("reporting")));
  auto update = UpdateRequest("reporting");
  update.set_password("correct horse");
  auto response = replica_.roles.UpdateRole(CallFor(), update);
  ASSERT_OK(response);
  EXPECT_THAT(response->DebugString(), Not(HasSubstr("correct horse")));
  EXPECT_EQ(PasswordIn("cnpg-demo-user-reporting"), "correct horse");
  Json secret =
      *server_.Peek("secrets", {"default", "cnpg-demo-user-reporting"});
  EXPECT_EQ(cnpg_.Role("demo", "reporting")["secret"],
            secret["metadata"]["resourceVersion"]);
}

TEST_P(RoleServiceTest, AnOldEtagIsRefused) {
  auto created =
      replica_.roles.CreateRole(CallFor(), CreateRequest("reporting"));
  ASSERT_OK(created);
  auto update = UpdateRequest("reporting");
  update.set_createdb(true);
  update.set_etag(created->role().etag());
  ASSERT_OK(replica_.roles.UpdateRole(CallFor(), update));
  update.set_createdb(false);
  EXPECT_THAT(replica_.roles.UpdateRole(CallFor(), update),
              HasReason("ETAG_MISMATCH"));
}

TEST_P(RoleServiceTest, ADryRunWritesNothing) {
  ASSERT_OK(replica_.roles.CreateRole(CallFor(), CreateRequest("there")));
  uint64_t version = server_.version();
  auto create = CreateRequest("reporting");
  create.set_dry_run(true);
  auto created = replica_.roles.CreateRole(CallFor(), create);
  ASSERT_OK(created);
  EXPECT_TRUE(created->dry_run());
  auto update = UpdateRequest("there");
  update.set_superuser(true);
  update.set_password("x");
  update.set_dry_run(true);
  auto updated = replica_.roles.UpdateRole(CallFor(), update);
  ASSERT_OK(updated);
  EXPECT_THAT(updated->warnings(), SizeIs(1));
  auto remove = DeleteRequest("there", false);
  remove.set_dry_run(true);
  auto removed = replica_.roles.DeleteRole(CallFor(), remove);
  ASSERT_OK(removed);
  EXPECT_THAT(removed->losses(), SizeIs(2));
  EXPECT_EQ(server_.version(), version);
}

TEST_P(RoleServiceTest, WhatCannotBeManagedIsRefusedByName) {
  EXPECT_THAT(replica_.roles.CreateRole(CallFor(), CreateRequest("pg_evil")),
              HasReason("ROLE_RESERVED"));
  EXPECT_THAT(replica_.roles.CreateRole(CallFor(), CreateRequest("app")),
              HasReason("ROLE_IS_APPLICATION_OWNER"));
  EXPECT_THAT(replica_.roles.UpdateRole(CallFor(), UpdateRequest("nobody")),
              HasReason("ROLE_NOT_FOUND"));
  EXPECT_THAT(replica_.roles.DeleteRole(CallFor(), DeleteRequest("nobody")),
              HasReason("ROLE_NOT_FOUND"));
  auto elsewhere = CreateRequest("reporting");
  elsewhere.set_cluster_name("nowhere");
  EXPECT_THAT(replica_.roles.CreateRole(CallFor(), elsewhere),
              HasReason("CLUSTER_NOT_FOUND"));
  EXPECT_THAT(server_.PeekAll("secrets"), IsEmpty());
}

TEST_P(RoleServiceTest, AListShowsRolesOfThisClusterInPages) {
  MakeCluster(server_, "other");
  for (const char* name : {"c", "a", "b"}) {
    ASSERT_OK(replica_.roles.CreateRole(CallFor(), CreateRequest(name)));
  }
  auto foreign = CreateRequest("z");
  foreign.set_cluster_name("other");
  ASSERT_OK(replica_.roles.CreateRole(CallFor(), foreign));

  pb::ListRolesRequest request;
  request.set_cluster_name("demo");
  request.set_page_size(2);
  auto first = replica_.roles.ListRoles(CallFor(), request);
  ASSERT_OK(first);
  EXPECT_EQ(first->roles(0).name(), "a");
  EXPECT_EQ(first->roles(1).name(), "b");
  request.set_page_token(first->next_page_token());
  auto second = replica_.roles.ListRoles(CallFor(), request);
  ASSERT_OK(second);
  ASSERT_EQ(second->roles_size(), 1);
  EXPECT_EQ(second->roles(0).name(), "c");
  EXPECT_EQ(second->next_page_token(), "");
  request.set_cluster_name("other");
  EXPECT_THAT(replica_.roles.ListRoles(CallFor(), request),
              HasReason("INVALID_PAGE_TOKEN"));
}

TEST_P(RoleServiceTest, WhileTheOperatorSleepsTheAnswerSaysDeclared) {
  cnpg_.Pause();
  RoleService::Options options = Replica::RoleOptions();
  options.settle = absl::Milliseconds(100);
  Replica hasty(server_, options);
  auto response = hasty.roles.CreateRole(CallFor(), CreateRequest("reporting"));
  ASSERT_OK(response);
  EXPECT_EQ(response->role().state(), pb::Role::STATE_PENDING);
  EXPECT_THAT(response->summary(), HasSubstr("has not applied it yet"));
  cnpg_.Resume();
}

TEST(RoleBackEndTest, ARoleThatIsInlineStaysInlineWhereObjectsAreServed) {
  FakeControlPlane server;
  MakeCluster(server, "demo");
  server.Edit("clusters", {"default", "demo"}, [](Json& cluster) {
    cluster["spec"]["managed"]["roles"] = {
        {{"name", "old"}, {"ensure", "present"}, {"bypassrls", true}}};
  });
  FakeOperator cnpg(server);
  Replica replica(server);
  auto update = UpdateRequest("old");
  update.set_login(true);
  auto response = replica.roles.UpdateRole(CallFor(), update);
  ASSERT_OK(response);
  EXPECT_EQ(response->role().source(), pb::Role::SOURCE_INLINE);
  Json role = (*server.Peek(
      "clusters", {"default", "demo"}))["spec"]["managed"]["roles"][0];
  EXPECT_EQ(role["login"], true);
  EXPECT_EQ(role["bypassrls"], true) << "unknown to the request, so kept";
  EXPECT_THAT(server.PeekAll("databaseroles"), IsEmpty());
}

TEST(RoleBackEndTest, APasswordInAForeignSecretIsNotChanged) {
  FakeControlPlane server;
  MakeCluster(server, "demo");
  Json secret = {{"apiVersion", "v1"},
                 {"kind", "Secret"},
                 {"metadata", {{"name", "vault-made"}}},
                 {"data", {{"password", "c2VjcmV0"}}}};
  ASSERT_OK(server.Create(kubernetes::kSecrets, "default", secret, {}, {}));
  server.Edit("clusters", {"default", "demo"}, [](Json& cluster) {
    cluster["spec"]["managed"]["roles"] = {
        {{"name", "old"}, {"passwordSecret", {{"name", "vault-made"}}}}};
  });
  Replica replica(server);
  auto update = UpdateRequest("old");
  update.set_password("new");
  EXPECT_THAT(replica.roles.UpdateRole(CallFor(), update),
              HasReason("SECRET_NOT_OURS"));
  EXPECT_EQ(
      (*server.Peek("secrets", {"default", "vault-made"}))["data"]["password"],
      "c2VjcmV0");
}

}  // namespace
}  // namespace howdah::services

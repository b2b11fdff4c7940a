#include "backend/services/cluster_service.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/services/service_fixture.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;
namespace ops = ::howdah::operations::v1;
using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Json = nlohmann::json;

class ClusterServiceTest : public ::testing::Test {
 protected:
  absl::StatusOr<pb::CreateClusterResponse> Create(
      const pb::CreateClusterRequest& request) {
    Later<pb::CreateClusterResponse> later;
    CallContext context = CallFor();
    replica_.clusters.CreateCluster(context, request, later.reply());
    return later.Await();
  }

  pb::CreateClusterRequest CreateRequest(const std::string& name) {
    pb::CreateClusterRequest request;
    request.set_name(name);
    return request;
  }
  pb::GetClusterRequest GetRequest(const std::string& name) {
    pb::GetClusterRequest request;
    request.set_name(name);
    return request;
  }
  pb::ScaleClusterRequest ScaleRequest(const std::string& name, int instances) {
    pb::ScaleClusterRequest request;
    request.set_name(name);
    request.set_instances(instances);
    return request;
  }
  pb::DeleteClusterRequest DeleteRequest(const std::string& name) {
    pb::DeleteClusterRequest request;
    request.set_name(name);
    request.set_confirm_deletion(true);
    return request;
  }

  // What the operator writes when all instances are ready.
  void MakeReady(const std::string& name) {
    server_.Edit("clusters", {"default", name}, [&](Json& cluster) {
      int wanted = cluster["spec"]["instances"];
      cluster["status"] = {{"phase", "Cluster in healthy state"},
                           {"instances", wanted},
                           {"readyInstances", wanted},
                           {"currentPrimary", name + "-1"},
                           {"targetPrimary", name + "-1"}};
    });
  }

  size_t CountCalls() { return server_.calls().size(); }

  FakeControlPlane server_;
  Replica replica_{server_};
};

TEST_F(ClusterServiceTest, NothingIsTouchedBeforeTheFirstCall) {
  EXPECT_EQ(replica_.planes_made, 0);
  EXPECT_EQ(replica_.clusters.GetClusterFromMemory(CallFor(), GetRequest("x")),
            std::nullopt);
  EXPECT_EQ(replica_.planes_made, 0);
  EXPECT_EQ(CountCalls(), 0u);
}

TEST_F(ClusterServiceTest, AnUnknownContextNamesThoseThatExist) {
  auto request = GetRequest("demo");
  request.set_context("elsewhere");
  auto response = replica_.clusters.GetCluster(CallFor(), request);
  EXPECT_THAT(response, HasReason("CONTEXT_UNKNOWN"));
  EXPECT_THAT(std::string(response.status().message()),
              HasSubstr("here, there"));
}

TEST_F(ClusterServiceTest, CreatesWithTheDefaultsOfTheContract) {
  auto response = Create(CreateRequest("demo"));
  ASSERT_OK(response);
  Json cluster = *server_.Peek("clusters", {"default", "demo"});
  EXPECT_EQ(cluster["spec"]["instances"], 3);
  EXPECT_EQ(cluster["spec"]["storage"]["size"], "10Gi");
  EXPECT_EQ(cluster["spec"]["imageName"],
            "ghcr.io/cloudnative-pg/postgresql:16");
  EXPECT_FALSE(response->operation().done());
  EXPECT_EQ(response->cluster().health(), pb::HEALTH_PROGRESSING);
  EXPECT_THAT(response->summary(), HasSubstr("is being created"));
}

TEST_F(ClusterServiceTest, ADryRunShowsTheManifestAndWritesNothing) {
  auto request = CreateRequest("demo");
  request.set_dry_run(true);
  request.set_wait(true);
  auto response = Create(request);
  ASSERT_OK(response);
  EXPECT_TRUE(response->dry_run());
  EXPECT_THAT(response->manifest(), HasSubstr("kind: Cluster"));
  EXPECT_FALSE(response->has_operation());
  EXPECT_THAT(server_.PeekAll("clusters"), IsEmpty());
}

TEST_F(ClusterServiceTest, AnExistingClusterIsNeverChangedByCreate) {
  ASSERT_OK(Create(CreateRequest("demo")));
  auto response = Create(CreateRequest("demo"));
  EXPECT_THAT(response, HasReason("CLUSTER_EXISTS"));
  EXPECT_THAT(std::string(response.status().message()),
              HasSubstr("scale_postgres_cluster"));
}

TEST_F(ClusterServiceTest, ARepeatedCallWithTheSameIdGivesTheEarlierResult) {
  auto request = CreateRequest("demo");
  request.set_request_id("id-1");
  auto first = Create(request);
  ASSERT_OK(first);
  auto second = Create(request);
  ASSERT_OK(second);
  EXPECT_EQ(first->operation().name(), second->operation().name());
  request.set_instances(1);
  EXPECT_THAT(Create(request), HasReason("REQUEST_ID_REUSED"));
}

TEST_F(ClusterServiceTest, ALostAnswerIsFoundByRepeatingTheCall) {
  auto request = CreateRequest("demo");
  request.set_request_id("id-1");
  server_.DieAfterWrites(1);
  EXPECT_THAT(Create(request), StatusIs(absl::StatusCode::kUnavailable));
  server_.Revive();
  ASSERT_OK(Create(request));
  EXPECT_THAT(server_.PeekAll("clusters"), SizeIs(1));
}

TEST_F(ClusterServiceTest, WithWaitTheAnswerComesWhenAllInstancesAreReady) {
  auto request = CreateRequest("demo");
  request.set_wait(true);
  Later<pb::CreateClusterResponse> later;
  CallContext context = CallFor();
  replica_.clusters.CreateCluster(context, request, later.reply());
  EXPECT_FALSE(later.answered());
  MakeReady("demo");
  auto response = later.Await();
  ASSERT_OK(response);
  EXPECT_TRUE(response->operation().done());
  EXPECT_EQ(response->cluster().health(), pb::HEALTH_HEALTHY);
  EXPECT_THAT(response->summary(), HasSubstr("is ready: 3 of 3"));
}

TEST_F(ClusterServiceTest, TimeRunningOutIsANormalAnswerThatSaysSo) {
  auto request = CreateRequest("demo");
  request.set_wait(true);
  Later<pb::CreateClusterResponse> later;
  // The caller's own deadline comes before the wait's.
  CallContext context = CallFor(absl::Milliseconds(700));
  replica_.clusters.CreateCluster(context, request, later.reply());
  auto response = later.Await();
  ASSERT_OK(response);
  EXPECT_FALSE(response->operation().done());
  EXPECT_THAT(response->summary(), HasSubstr("is not ready after"));
  EXPECT_THAT(response->summary(), HasSubstr("0 of 3 instances ready"));
}

TEST_F(ClusterServiceTest, AWaitLastsAMinuteForEachInstanceUnlessTold) {
  struct Case {
    int instances;
    int timeout;  // 0: not told
    int seconds;
  };
  for (const Case& it : std::vector<Case>{
           {1, 0, 60}, {3, 0, 180}, {10, 0, 600}, {3, 30, 30}, {1, 600, 600}}) {
    // A clock for which only the last moments of the wait are left.
    const absl::Time begin = absl::Now();
    const absl::Duration left = absl::Milliseconds(200);
    ClusterService service(replica_.planes, replica_.waiter, {.now = [&] {
                             return begin + left - absl::Seconds(it.seconds);
                           }});
    auto request = CreateRequest(absl::StrCat("c", it.instances, it.timeout));
    request.set_instances(it.instances);
    if (it.timeout > 0) request.set_timeout(it.timeout);
    request.set_wait(true);
    Later<pb::CreateClusterResponse> later;
    CallContext context = CallFor(absl::Seconds(700));
    service.CreateCluster(context, request, later.reply());
    auto response = later.Await();
    ASSERT_OK(response);
    EXPECT_FALSE(response->operation().done());
    EXPECT_GE(absl::Now(), begin + left) << it.seconds;
  }
}

TEST_F(ClusterServiceTest, AClusterDeletedDuringTheWaitEndsItWithAnError) {
  auto request = CreateRequest("demo");
  request.set_wait(true);
  Later<pb::CreateClusterResponse> later;
  CallContext context = CallFor();
  replica_.clusters.CreateCluster(context, request, later.reply());
  ASSERT_OK(server_.Delete(kubernetes::kClusters, {"default", "demo"}, {}, {}));
  EXPECT_THAT(later.Await(), HasReason("OPERATION_TARGET_GONE"));
}

TEST_F(ClusterServiceTest, AWaitEndsWhenARightIsMissing) {
  auto request = CreateRequest("demo");
  request.set_wait(true);
  Later<pb::CreateClusterResponse> later;
  CallContext context = CallFor();
  replica_.clusters.CreateCluster(context, request, later.reply());
  replica_.cluster_cache->Fail(absl::PermissionDeniedError("no list"));
  EXPECT_THAT(later.Await(), StatusIs(absl::StatusCode::kPermissionDenied,
                                      AllOf(HasSubstr("change was made"),
                                            HasSubstr("no list"))));
}

TEST_F(ClusterServiceTest, AWarmReadMakesNoUpstreamCall) {
  ASSERT_OK(Create(CreateRequest("demo")));
  ASSERT_OK(replica_.clusters.GetCluster(CallFor(), GetRequest("demo")));
  size_t before = CountCalls();
  auto cluster =
      replica_.clusters.GetClusterFromMemory(CallFor(), GetRequest("demo"));
  ASSERT_TRUE(cluster.has_value());
  ASSERT_OK(*cluster);
  EXPECT_EQ((*cluster)->instances(), 3);
  auto list = replica_.clusters.ListClustersFromMemory(CallFor(), {});
  ASSERT_TRUE(list.has_value());
  ASSERT_OK(*list);
  EXPECT_EQ((*list)->count(), 1);
  EXPECT_EQ(CountCalls(), before);
}

TEST_F(ClusterServiceTest, ACallerReadsItsOwnWritesFromASlowCache) {
  ASSERT_OK(Create(CreateRequest("demo")));
  ASSERT_OK(replica_.clusters.GetCluster(CallFor(), GetRequest("demo")));
  replica_.cluster_cache->Hold();
  ASSERT_OK(replica_.clusters.ScaleCluster(CallFor(), ScaleRequest("demo", 5)));
  EXPECT_EQ(
      replica_.clusters.GetClusterFromMemory(CallFor(), GetRequest("demo")),
      std::nullopt)
      << "what the cache has is older than the write";
  EXPECT_EQ(replica_.clusters.ListClustersFromMemory(CallFor(), {}),
            std::nullopt);
  auto cluster = replica_.clusters.GetCluster(CallFor(), GetRequest("demo"));
  ASSERT_OK(cluster);
  EXPECT_EQ(cluster->instances(), 5);
  auto list = replica_.clusters.ListClusters(CallFor(), {});
  ASSERT_OK(list);
  EXPECT_EQ(list->clusters(0).instances(), 5);
  replica_.cluster_cache->Release();
  EXPECT_TRUE(
      replica_.clusters.GetClusterFromMemory(CallFor(), GetRequest("demo"))
          .has_value());
}

TEST_F(ClusterServiceTest, ACallerReadsWhatItWroteByAnotherReplica) {
  MakeCluster(server_, "old", 1);
  MakeCluster(server_, "gone", 1);
  Replica other(server_);
  other.others_write = true;
  pb::ListClustersRequest list;
  ASSERT_OK(other.clusters.ListClusters(CallFor(), list));
  other.cluster_cache->Hold();

  ASSERT_OK(Create(CreateRequest("demo")));
  ASSERT_OK(replica_.clusters.ScaleCluster(CallFor(), ScaleRequest("old", 2)));
  ASSERT_OK(replica_.clusters.DeleteCluster(CallFor(), DeleteRequest("gone")));

  EXPECT_FALSE(
      other.clusters.GetClusterFromMemory(CallFor(), GetRequest("old")));
  EXPECT_EQ(other.clusters.ClusterInMemory(GetRequest("old")), nullptr);
  EXPECT_FALSE(other.clusters.ListClustersFromMemory(CallFor(), list));
  auto scaled = other.clusters.GetCluster(CallFor(), GetRequest("old"));
  ASSERT_OK(scaled);
  EXPECT_EQ(scaled->instances(), 2);
  EXPECT_THAT(other.clusters.GetCluster(CallFor(), GetRequest("gone")),
              HasReason("CLUSTER_NOT_FOUND"));
  auto listed = other.clusters.ListClusters(CallFor(), list);
  ASSERT_OK(listed);
  ASSERT_EQ(listed->clusters_size(), 2);
  EXPECT_EQ(listed->clusters(0).name(), "demo");
  EXPECT_EQ(listed->clusters(1).instances(), 2);
}

// Each page is asked of another replica, whose cache knows nothing of the
// fleet, while clusters come and go.
TEST_F(ClusterServiceTest, ALargeFleetIsListedAsItIsWhereOthersWrite) {
  std::set<std::string> wanted;
  for (const char* space : {"a", "a-b"}) {
    server_.AddNamespace(space);
    for (int i = 0; i < 600; ++i) {
      auto request = CreateRequest(absl::StrCat("c", i));
      request.set_namespace_(space);
      ASSERT_OK(Create(request));
      wanted.insert(absl::StrCat(space, "/c", i));
    }
  }
  Replica replicas[] = {Replica(server_), Replica(server_)};
  for (Replica& one : replicas) {
    one.others_write = true;
    ASSERT_OK(one.planes.Get("").status());
    one.cluster_cache->Start();
    one.cluster_cache->Hold();
  }
  size_t turn = 0;
  int changed_spaces = 0;
  for (const char* space : {"a", "a-b"}) {
    for (const char* name : {"new", "zz"}) {
      auto create = CreateRequest(name);
      create.set_namespace_(space);
      ASSERT_OK(Create(create));
      wanted.insert(absl::StrCat(space, "/", name));
    }
    auto gone = DeleteRequest("c7");
    gone.set_namespace_(space);
    ASSERT_OK(replica_.clusters.DeleteCluster(CallFor(), gone));
    wanted.erase(absl::StrCat(space, "/c7"));

    const size_t before = server_.limits().size();
    pb::ListClustersRequest list;
    list.set_namespace_("*");
    list.set_page_size(100);
    std::vector<std::string> seen;
    do {
      auto page = replicas[++turn % 2].clusters.ListClusters(CallFor(), list);
      ASSERT_OK(page);
      for (const pb::Cluster& cluster : page->clusters()) {
        seen.push_back(absl::StrCat(cluster.namespace_(), "/", cluster.name()));
      }
      list.set_page_token(page->next_page_token());
    } while (!list.page_token().empty());
    EXPECT_THAT(seen, ::testing::ElementsAreArray(wanted));
    std::vector<int64_t> limits = server_.limits();
    limits.erase(limits.begin(), limits.begin() + before);
    EXPECT_THAT(limits, AllOf(SizeIs((wanted.size() + 99) / 100), Each(101)));

    list.set_name_contains("new");
    auto filtered = replicas[turn % 2].clusters.ListClusters(CallFor(), list);
    ASSERT_OK(filtered);
    EXPECT_EQ(filtered->count(), ++changed_spaces);
  }
}

// Both go on where the other has been.
TEST_F(ClusterServiceTest, APageTokenIsTheSameWithAndWithoutOtherReplicas) {
  std::vector<std::string> made;
  for (const char* space : {"a-b", "a", "a0"}) {
    server_.AddNamespace(space);
    for (const char* name : {"x", "y"}) {
      auto request = CreateRequest(name);
      request.set_namespace_(space);
      ASSERT_OK(Create(request));
      made.push_back(absl::StrCat(space, "/", name));
    }
  }
  Replica other(server_);
  other.others_write = true;
  ASSERT_OK(replica_.clusters.ListClusters(CallFor(), {}));
  pb::ListClustersRequest list;
  list.set_namespace_("*");
  list.set_page_size(1);
  std::vector<std::string> seen;
  do {
    auto page =
        seen.size() % 2 == 0
            ? other.clusters.ListClusters(CallFor(), list)
            : *replica_.clusters.ListClustersFromMemory(CallFor(), list);
    ASSERT_OK(page);
    ASSERT_EQ(page->clusters_size(), 1);
    seen.push_back(absl::StrCat(page->clusters(0).namespace_(), "/",
                                page->clusters(0).name()));
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(seen, ::testing::ElementsAreArray(made));
}

TEST_F(ClusterServiceTest, WithoutACacheReadsGoToTheServer) {
  replica_.cache_never_syncs = true;
  MakeCluster(server_, "demo");
  ASSERT_OK(replica_.clusters.GetCluster(CallFor(), GetRequest("demo")));
  // The second read does not wait for the cache any more.
  auto list = replica_.clusters.ListClusters(CallFor(absl::Seconds(1)), {});
  ASSERT_OK(list);
  EXPECT_EQ(list->count(), 1);
}

TEST_F(ClusterServiceTest, AFirstListThatIsUnderWayIsNotMadeTwice) {
  replica_.cache_never_syncs = true;
  MakeCluster(server_, "demo");
  // A single cluster does not wait for all others.
  ASSERT_OK(replica_.clusters.GetCluster(CallFor(), GetRequest("demo")));
  replica_.cluster_cache->BeListing();
  const size_t before = CountCalls();
  EXPECT_THAT(
      replica_.clusters.ListClusters(CallFor(absl::Milliseconds(600)), {}),
      HasReason("STILL_READING"));
  EXPECT_EQ(CountCalls(), before);
}

TEST_F(ClusterServiceTest, AMissingClusterIsConfirmedByTheServer) {
  EXPECT_THAT(replica_.clusters.GetCluster(CallFor(), GetRequest("demo")),
              HasReason("CLUSTER_NOT_FOUND"));
}

TEST_F(ClusterServiceTest, AListTellsItsScopeAndComesInPages) {
  server_.AddNamespace("other");
  for (const char* name : {"a", "b", "c"}) MakeCluster(server_, name);
  auto request = CreateRequest("z");
  request.set_namespace_("other");
  ASSERT_OK(Create(request));

  pb::ListClustersRequest list;
  auto here = replica_.clusters.ListClusters(CallFor(), list);
  ASSERT_OK(here);
  EXPECT_EQ(here->scope(), "namespace default");
  EXPECT_EQ(here->count(), 3);

  list.set_namespace_("*");
  list.set_page_size(3);
  auto first = replica_.clusters.ListClusters(CallFor(), list);
  ASSERT_OK(first);
  EXPECT_EQ(first->scope(), "all namespaces");
  ASSERT_EQ(first->clusters_size(), 3);
  list.set_page_token(first->next_page_token());
  auto second = replica_.clusters.ListClusters(CallFor(), list);
  ASSERT_OK(second);
  ASSERT_EQ(second->clusters_size(), 1);
  EXPECT_EQ(second->clusters(0).namespace_(), "other");
  EXPECT_EQ(second->next_page_token(), "");

  list.set_namespace_("other");
  EXPECT_THAT(replica_.clusters.ListClusters(CallFor(), list),
              HasReason("INVALID_PAGE_TOKEN"));
}

// "a-b/x" comes before "a/x" as text, and behind it as namespace and name.
TEST_F(ClusterServiceTest, PagesOverNamespacesThatBeginAlikeLoseNothing) {
  std::vector<std::string> made, seen;
  for (const char* name_space : {"a", "a-b", "a.b", "b"}) {
    server_.AddNamespace(name_space);
    for (const char* name : {"x", "y"}) {
      auto request = CreateRequest(name);
      request.set_namespace_(name_space);
      ASSERT_OK(Create(request));
      made.push_back(absl::StrCat(name_space, "/", name));
    }
  }
  pb::ListClustersRequest list;
  list.set_namespace_("*");
  list.set_page_size(1);
  do {
    auto page = replica_.clusters.ListClusters(CallFor(), list);
    ASSERT_OK(page);
    ASSERT_EQ(page->clusters_size(), 1);
    seen.push_back(absl::StrCat(page->clusters(0).namespace_(), "/",
                                page->clusters(0).name()));
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(seen, ::testing::UnorderedElementsAreArray(made));
}

TEST_F(ClusterServiceTest, AListCanBeOfNamesThatContainAText) {
  for (const char* name : {"orders-a", "my-orders", "orders-b", "billing"}) {
    MakeCluster(server_, name);
  }
  pb::ListClustersRequest list;
  list.set_name_contains("Orders");
  list.set_page_size(2);
  auto page = replica_.clusters.ListClusters(CallFor(), list);
  ASSERT_OK(page);
  ASSERT_EQ(page->clusters_size(), 2);
  EXPECT_EQ(page->clusters(0).name(), "my-orders");
  EXPECT_EQ(page->clusters(1).name(), "orders-a");
  EXPECT_EQ(page->summary(),
            "2 PostgreSQL clusters on this page in namespace default with "
            "\"Orders\" in the name: 0 healthy, 2 not; there are more pages.");
  list.set_page_token(page->next_page_token());
  page = replica_.clusters.ListClusters(CallFor(), list);
  ASSERT_OK(page);
  ASSERT_EQ(page->clusters_size(), 1);
  EXPECT_EQ(page->clusters(0).name(), "orders-b");
  EXPECT_EQ(page->next_page_token(), "");

  list.set_name_contains("billing");
  EXPECT_THAT(replica_.clusters.ListClusters(CallFor(), list),
              HasReason("INVALID_PAGE_TOKEN"));
}

TEST_F(ClusterServiceTest, DetailsAreShownOnlyWhereAskedFor) {
  MakeCluster(server_, "demo");
  auto request = GetRequest("demo");
  auto concise = replica_.clusters.GetCluster(CallFor(), request);
  ASSERT_OK(concise);
  EXPECT_FALSE(concise->has_endpoints());
  request.set_detail_level(pb::DETAIL_LEVEL_DETAILED);
  auto detailed = replica_.clusters.GetCluster(CallFor(), request);
  ASSERT_OK(detailed);
  EXPECT_EQ(detailed->endpoints().read_write_service(), "demo-rw");
  EXPECT_EQ(detailed->endpoints().application_secret(), "demo-app");
  EXPECT_NE(detailed->etag(), "");
}

TEST_F(ClusterServiceTest, ScalingChangesTheInstancesAndNothingElse) {
  MakeCluster(server_, "demo", 3);
  MakeReady("demo");
  server_.Edit("clusters", {"default", "demo"}, [](Json& cluster) {
    cluster["spec"]["future"] = {{"field", 1}};
  });
  auto response =
      replica_.clusters.ScaleCluster(CallFor(), ScaleRequest("demo", 1));
  ASSERT_OK(response);
  EXPECT_EQ(response->previous_instances(), 3);
  EXPECT_THAT(response->warnings(),
              ElementsAre("Scaling down deletes 2 replicas with their "
                          "storage."));
  EXPECT_EQ(response->cluster().health(), pb::HEALTH_PROGRESSING)
      << "the status is about the old number";
  EXPECT_FALSE(response->operation().done());
  Json spec = (*server_.Peek("clusters", {"default", "demo"}))["spec"];
  EXPECT_EQ(spec["instances"], 1);
  EXPECT_EQ(spec["future"]["field"], 1);

  uint64_t version = server_.version();
  response = replica_.clusters.ScaleCluster(CallFor(), ScaleRequest("demo", 1));
  ASSERT_OK(response);
  EXPECT_THAT(response->summary(), HasSubstr("nothing was changed"));
  EXPECT_EQ(server_.version(), version);
}

TEST_F(ClusterServiceTest, ALostRaceIsTriedAgainUnlessAnEtagForbidsIt) {
  MakeCluster(server_, "demo", 3);
  absl::Status conflict = absl::AbortedError("conflict");
  server_.FailNext("patch", "clusters", conflict);
  ASSERT_OK(replica_.clusters.ScaleCluster(CallFor(), ScaleRequest("demo", 2)));

  auto request = GetRequest("demo");
  request.set_detail_level(pb::DETAIL_LEVEL_DETAILED);
  auto read = replica_.clusters.GetCluster(CallFor(), request);
  ASSERT_OK(read);
  MakeReady("demo");
  auto scale = ScaleRequest("demo", 4);
  scale.set_etag(read->etag());
  EXPECT_THAT(replica_.clusters.ScaleCluster(CallFor(), scale),
              HasReason("ETAG_MISMATCH"));
  EXPECT_EQ(
      (*server_.Peek("clusters", {"default", "demo"}))["spec"]["instances"], 2);
}

TEST_F(ClusterServiceTest, DeletionNeedsConfirmationAndTellsTheLosses) {
  MakeCluster(server_, "demo", 3);
  auto request = DeleteRequest("demo");
  request.set_confirm_deletion(false);
  auto refused = replica_.clusters.DeleteCluster(CallFor(), request);
  EXPECT_THAT(refused, HasReason("CONFIRMATION_REQUIRED"));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("3 instances with 1Gi of storage each"));
  request.set_dry_run(true);
  auto dry = replica_.clusters.DeleteCluster(CallFor(), request);
  ASSERT_OK(dry);
  EXPECT_THAT(dry->losses(), SizeIs(1));
  EXPECT_TRUE(server_.Peek("clusters", {"default", "demo"}).has_value());
}

class ClusterDeletionTest : public ClusterServiceTest {
 protected:
  void PutSecret(const std::string& name, Json labels) {
    Json secret = {{"apiVersion", "v1"},
                   {"kind", "Secret"},
                   {"metadata", {{"name", name}, {"labels", labels}}}};
    ASSERT_OK(server_.Create(kubernetes::kSecrets, "default", secret, {}, {}));
  }
};

TEST_F(ClusterDeletionTest, TakesOurSecretsAlongAndNoOthers) {
  MakeCluster(server_, "demo");
  PutSecret("ours", {{"cnpg.io/cluster", "demo"},
                     {"app.kubernetes.io/managed-by", "howdah"}});
  PutSecret("operators", {{"cnpg.io/cluster", "demo"},
                          {"app.kubernetes.io/managed-by", "cloudnative-pg"}});
  PutSecret("users", {{"cnpg.io/cluster", "demo"}});
  PutSecret("another", {{"cnpg.io/cluster", "demo-2"},
                        {"app.kubernetes.io/managed-by", "howdah"}});
  auto response =
      replica_.clusters.DeleteCluster(CallFor(), DeleteRequest("demo"));
  ASSERT_OK(response);
  EXPECT_EQ(response->deleted_secrets(), 1);
  EXPECT_TRUE(response->operation().done());
  EXPECT_FALSE(server_.Peek("secrets", {"default", "ours"}).has_value());
  EXPECT_THAT(server_.PeekAll("secrets"), SizeIs(3));
  EXPECT_THAT(replica_.clusters.GetCluster(CallFor(), GetRequest("demo")),
              HasReason("CLUSTER_NOT_FOUND"));
}

TEST_F(ClusterDeletionTest, CutOffAfterTheClusterIsHealedByRepeatingIt) {
  MakeCluster(server_, "demo");
  PutSecret("ours", {{"cnpg.io/cluster", "demo"},
                     {"app.kubernetes.io/managed-by", "howdah"}});
  server_.DieAfterWrites(1);
  EXPECT_THAT(replica_.clusters.DeleteCluster(CallFor(), DeleteRequest("demo")),
              StatusIs(absl::StatusCode::kUnavailable));
  server_.Revive();
  auto response =
      replica_.clusters.DeleteCluster(CallFor(), DeleteRequest("demo"));
  ASSERT_OK(response);
  EXPECT_EQ(response->deleted_secrets(), 1);
  EXPECT_THAT(server_.PeekAll("secrets"), IsEmpty());
  EXPECT_THAT(replica_.clusters.DeleteCluster(CallFor(), DeleteRequest("demo")),
              HasReason("CLUSTER_NOT_FOUND"));
}

// Collects what a stream sends.
class Stream : public StreamReply<ops::Operation> {
 public:
  void Send(ops::Operation message) override {
    std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    news_.notify_all();
  }
  void Finish(absl::Status status) override {
    std::lock_guard lock(mutex_);
    finished_ = std::move(status);
    news_.notify_all();
  }
  std::vector<ops::Operation> AwaitMessages(size_t count) {
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, std::chrono::seconds(20),
                   [&] { return messages_.size() >= count; });
    return messages_;
  }
  absl::Status AwaitEnd() {
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, std::chrono::seconds(20),
                   [&] { return finished_.has_value(); });
    return finished_.value_or(absl::InternalError("not finished"));
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<ops::Operation> messages_;
  std::optional<absl::Status> finished_;
};

class OperationsServiceTest : public ClusterServiceTest {};

TEST_F(OperationsServiceTest, AStreamShowsProgressAndEndsWithTheResponse) {
  auto created = Create(CreateRequest("demo"));
  ASSERT_OK(created);
  ops::WaitOperationRequest request;
  request.set_name(created->operation().name());
  auto stream = std::make_shared<Stream>();
  CallContext context = CallFor();
  replica_.operations.WaitOperation(context, request, stream);
  stream->AwaitMessages(1);
  server_.Edit("clusters", {"default", "demo"}, [](Json& cluster) {
    cluster["status"] = {{"phase", "Creating a new replica"},
                         {"instances", 2},
                         {"readyInstances", 1},
                         {"currentPrimary", "demo-1"}};
  });
  stream->AwaitMessages(2);
  MakeReady("demo");
  EXPECT_OK(stream->AwaitEnd());
  std::vector<ops::Operation> messages = stream->AwaitMessages(3);
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_LT(messages[0].progress_percent(), messages[1].progress_percent());
  EXPECT_TRUE(messages[2].done());
  pb::CreateClusterResponse response;
  ASSERT_TRUE(messages[2].result().UnpackTo(&response));
  EXPECT_EQ(response.cluster().ready_instances(), 3);
}

TEST_F(OperationsServiceTest, AnotherReplicaAnswersForTheSameName) {
  auto created = Create(CreateRequest("demo"));
  ASSERT_OK(created);
  MakeReady("demo");
  Replica other(server_);
  ops::GetOperationRequest request;
  request.set_name(created->operation().name());
  auto operation = other.operations.GetOperation(CallFor(), request);
  ASSERT_OK(operation);
  EXPECT_TRUE(operation->done());
  request.set_name("nonsense");
  EXPECT_THAT(other.operations.GetOperation(CallFor(), request),
              HasReason("OPERATION_NAME_INVALID"));
}

TEST_F(OperationsServiceTest, AReplicaThatIsBehindDoesNotJudgeByTheOldState) {
  MakeCluster(server_, "demo", 1);
  Replica other(server_);
  ASSERT_OK(other.clusters.GetCluster(CallFor(), GetRequest("demo")));
  other.cluster_cache->Hold();
  auto created = Create(CreateRequest("fresh"));
  ASSERT_OK(created);
  auto scaled =
      replica_.clusters.ScaleCluster(CallFor(), ScaleRequest("demo", 2));
  ASSERT_OK(scaled);

  for (const std::string& name :
       {created->operation().name(), scaled->operation().name()}) {
    ops::GetOperationRequest get;
    get.set_name(name);
    auto operation = other.operations.GetOperation(CallFor(), get);
    ASSERT_OK(operation);
    EXPECT_FALSE(operation->done()) << operation->message();
    ops::WaitOperationRequest wait;
    wait.set_name(name);
    wait.set_timeout(600);
    auto stream = std::make_shared<Stream>();
    CallContext context = CallFor();
    other.operations.WaitOperation(context, wait, stream);
    other.changes.RunOnce();
    ops::CancelOperationRequest cancel;
    cancel.set_name(name);
    ASSERT_OK(other.operations.CancelOperation(CallFor(), cancel));
    EXPECT_THAT(stream->AwaitEnd(), HasReason("OPERATION_WAIT_CANCELLED"));
  }
  other.cluster_cache->Release();
}

TEST_F(OperationsServiceTest, CancellingEndsTheWaitingAndNotTheWork) {
  auto created = Create(CreateRequest("demo"));
  ASSERT_OK(created);
  ops::WaitOperationRequest wait;
  wait.set_name(created->operation().name());
  auto stream = std::make_shared<Stream>();
  CallContext context = CallFor();
  replica_.operations.WaitOperation(context, wait, stream);
  ops::CancelOperationRequest cancel;
  cancel.set_name(created->operation().name());
  ASSERT_OK(replica_.operations.CancelOperation(CallFor(), cancel));
  EXPECT_THAT(stream->AwaitEnd(), HasReason("OPERATION_WAIT_CANCELLED"));
  EXPECT_TRUE(server_.Peek("clusters", {"default", "demo"}).has_value());
}

TEST_F(OperationsServiceTest, ADeletionIsDoneWhenTheClusterIsGone) {
  MakeCluster(server_, "demo");
  server_.Edit("clusters", {"default", "demo"}, [](Json& cluster) {
    cluster["metadata"]["finalizers"] = {"test/hold"};
  });
  auto deleted =
      replica_.clusters.DeleteCluster(CallFor(), DeleteRequest("demo"));
  ASSERT_OK(deleted);
  EXPECT_FALSE(deleted->operation().done());
  ops::WaitOperationRequest wait;
  wait.set_name(deleted->operation().name());
  auto stream = std::make_shared<Stream>();
  CallContext context = CallFor();
  replica_.operations.WaitOperation(context, wait, stream);
  stream->AwaitMessages(1);
  server_.Edit("clusters", {"default", "demo"},
               [](Json& cluster) { cluster["metadata"].erase("finalizers"); });
  EXPECT_OK(stream->AwaitEnd());
  EXPECT_TRUE(stream->AwaitMessages(2).back().done());
}

}  // namespace
}  // namespace howdah::services

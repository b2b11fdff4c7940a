#include "backend/local/api/api_router.h"

#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "backend/local/api/watch_stream.h"
#include "backend/local/store/sqlite_object_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kClusters[] =
    "/apis/postgresql.cnpg.io/v1/namespaces/default/clusters";
constexpr char kDatabases[] =
    "/apis/postgresql.cnpg.io/v1/namespaces/default/databases";
constexpr char kRoles[] =
    "/apis/postgresql.cnpg.io/v1/namespaces/default/databaseroles";
constexpr char kSecrets[] = "/api/v1/namespaces/default/secrets";

struct Answer {
  int code;
  Json body;
  std::vector<std::string> warnings;
  std::string message() const { return body.value("message", ""); }
};

Json Cluster(const std::string& name) {
  return {{"apiVersion", "postgresql.cnpg.io/v1"},
          {"kind", "Cluster"},
          {"metadata", {{"name", name}}},
          {"spec", {{"instances", 3}, {"storage", {{"size", "1Gi"}}}}}};
}

Json Secret(const std::string& name) {
  return {{"metadata", {{"name", name}}}, {"stringData", {{"a", "b"}}}};
}

class ApiRouterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(::testing::TempDir()) /
                 ("api." + std::to_string(getpid()));
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    auto store =
        SqliteObjectStore::Open({.path = (directory_ / "o.db").string()});
    ASSERT_OK(store.status());
    store_ = *std::move(store);
    ASSERT_OK(CreateInitialNamespaces(*store_));
    router_ = std::make_unique<ApiRouter>(
        *store_, ApiRouterOptions{"secret", [this] { return now_; }});
  }
  void TearDown() override {
    router_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  ApiResponse Raw(const std::string& method, const std::string& target,
                  const std::string& body = "",
                  const std::string& type = "application/json") {
    return router_->Handle(
        {method, target, "application/json", type, "Bearer secret", body});
  }
  Answer Call(const std::string& method, const std::string& target,
              const Json& body = nullptr,
              const std::string& type = "application/json") {
    ApiResponse response =
        Raw(method, target, body.is_null() ? "" : body.dump(), type);
    return {response.code, Json::parse(response.body, nullptr, false),
            response.warnings};
  }
  Answer Merge(const std::string& target, const Json& patch) {
    return Call("PATCH", target, patch, "application/merge-patch+json");
  }

  absl::Time now_ = absl::FromUnixSeconds(1700000000);
  std::filesystem::path directory_;
  std::unique_ptr<SqliteObjectStore> store_;
  std::unique_ptr<ApiRouter> router_;
};

TEST_F(ApiRouterTest, OnlyTheTokenOpens) {
  ApiRequest request{"GET", kClusters, "", "", "Bearer wrong!", ""};
  ApiResponse response = router_->Handle(request);
  EXPECT_EQ(response.code, 401);
  EXPECT_EQ(Json::parse(response.body)["reason"], "Unauthorized");
  request.target = "/readyz";
  EXPECT_EQ(router_->Handle(request).code, 401);
  request.authorization = "";
  EXPECT_EQ(router_->Handle(request).code, 200);
  request.target = "/api";
  EXPECT_EQ(router_->Handle(request).code, 401);
  request.authorization = "bearer secret";
  EXPECT_EQ(router_->Handle(request).code, 200);
}

TEST_F(ApiRouterTest, BodiesMayBeYaml) {
  ApiResponse made = Raw("POST", kSecrets,
                         "metadata: {name: written}\nstringData: {a: "
                         "'yes'}\ntype: Opaque\ntype: Opaque",
                         "application/yaml; charset=utf-8");
  EXPECT_EQ(made.code, 201) << made.body;
  EXPECT_EQ(Json::parse(made.body)["data"]["a"], "eWVz");
  EXPECT_THAT(made.warnings,
              ElementsAre("line 4: key \"type\" already set in map"));
  EXPECT_EQ(Raw("POST", kSecrets, "{}", "text/yaml").code, 415);
  EXPECT_EQ(Raw("POST", kSecrets, "a: [", "application/yaml").code, 400);
}

TEST_F(ApiRouterTest, AnswersAreYamlForThoseWhoWantIt) {
  const ApiRequest request{"GET", "/api/v1/namespaces/none", "application/yaml",
                           "",    "Bearer secret",           ""};
  ApiResponse response = router_->Handle(request);
  EXPECT_EQ(response.code, 404);
  EXPECT_EQ(response.content_type, "application/yaml");
  EXPECT_THAT(response.body, HasSubstr("\nreason: NotFound\n"));
}

TEST_F(ApiRouterTest, AVersionOfAListThatIsGoneIsTold) {
  ASSERT_EQ(Call("POST", kSecrets, Secret("one")).code, 201);
  ASSERT_EQ(Call("POST", kSecrets, Secret("two")).code, 201);
  const std::string first = std::string(kSecrets) + "?resourceVersion=1";
  EXPECT_EQ(Call("GET", first).code, 200);
  EXPECT_EQ(Call("GET", first + "&limit=5").code, 410);
  EXPECT_EQ(Call("GET", std::string(kSecrets) + "?resourceVersion=x").code,
            400);
}

TEST_F(ApiRouterTest, ALogIsFollowedToTheEndOfItsPod) {
  const std::string log = (directory_ / "postgres.log").string();
  std::ofstream(log) << "one\ntwo\n";
  const Json pod = {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata",
       {{"name", "p"}, {"annotations", {{"howdah.local/log-file", log}}}}},
      {"spec", {{"containers", {{{"name", "postgres"}}}}}}};
  ASSERT_OK(store_->Create({"", "pods"}, "default", pod).status());
  const std::string path = "/api/v1/namespaces/default/pods/p/log";
  EXPECT_EQ(Raw("GET", path + "?tailLines=1").body, "two\n");
  EXPECT_EQ(Raw("GET", path + "?container=other").code, 400);
  ApiResponse response = Raw("GET", path + "?follow=true&tailLines=1");
  ASSERT_NE(response.stream, nullptr);
  std::string text;
  EXPECT_TRUE(response.stream->Start([&](std::string more) { text += more; }));
  EXPECT_EQ(text, "two\n");
  EXPECT_EQ(response.stream->Tick(), "");
  std::ofstream(log, std::ios::app) << "three\n";
  EXPECT_EQ(response.stream->Tick(), "three\n");
  std::ofstream(log, std::ios::app) << "last\n";
  ASSERT_OK(store_->Delete({"", "pods"}, "default", "p", {}).status());
  EXPECT_EQ(response.stream->Tick(), "last\n");
  EXPECT_EQ(response.stream->Tick(), std::nullopt);
}

TEST_F(ApiRouterTest, DiscoveryListsWhatIsServed) {
  EXPECT_EQ(Call("GET", "/version").body["major"], "1");
  EXPECT_EQ(Call("GET", "/api").body["versions"], Json({"v1"}));
  Json list = Call("GET", "/apis/postgresql.cnpg.io/v1").body;
  std::vector<std::string> names;
  for (const Json& one : list["resources"]) names.push_back(one["name"]);
  EXPECT_THAT(
      names,
      ElementsAre("clusters", "clusters/status", "clusters/scale", "databases",
                  "databases/status", "databaseroles", "databaseroles/status"));
  Json document = Call("GET", "/openapi/v3/apis/postgresql.cnpg.io/v1").body;
  EXPECT_TRUE(document["paths"].contains(
      "/apis/postgresql.cnpg.io/v1/namespaces/{namespace}/clusters/{name}"));
  EXPECT_EQ(Call("GET", "/openapi/v2").body["swagger"], "2.0");
  ApiResponse missing = Raw("GET", "/apis/postgresql.cnpg.io/v1/poolers");
  EXPECT_EQ(missing.code, 404);
  EXPECT_EQ(missing.body, "404 page not found\n");
}

TEST_F(ApiRouterTest, CreateCompletesAndDropsStatus) {
  Json cluster = Cluster("demo");
  cluster["status"]["phase"] = "forged";
  Answer made = Call("POST", kClusters, cluster);
  ASSERT_EQ(made.code, 201) << made.body;
  EXPECT_FALSE(made.body.contains("status"));
  EXPECT_EQ(made.body["metadata"]["generation"], 1);
  EXPECT_EQ(made.body["spec"]["bootstrap"]["initdb"]["owner"], "app");
  EXPECT_EQ(made.body["spec"]["enableSuperuserAccess"], false);
  Answer again = Call("POST", kClusters, cluster);
  EXPECT_EQ(again.code, 409);
  EXPECT_EQ(again.body["reason"], "AlreadyExists");
  EXPECT_EQ(again.message(),
            "clusters.postgresql.cnpg.io \"demo\" already exists");
  EXPECT_EQ(again.body["details"]["kind"], "clusters");
  EXPECT_EQ(
      Call("POST", "/api/v1/namespaces/none/secrets", Secret("s")).message(),
      "namespaces \"none\" not found");
  EXPECT_EQ(Call("POST", "/api/v1/namespaces/default/pods", Secret("p")).code,
            405);
}

TEST_F(ApiRouterTest, DryRunWritesNothing) {
  Answer dry =
      Call("POST", std::string(kClusters) + "?dryRun=All", Cluster("demo"));
  EXPECT_EQ(dry.code, 201);
  EXPECT_TRUE(dry.body["metadata"].contains("uid"));
  EXPECT_EQ(Call("GET", std::string(kClusters) + "/demo").code, 404);
  Call("POST", kClusters, Cluster("demo"));
  std::string demo = std::string(kClusters) + "/demo";
  Answer patched = Merge(demo + "?dryRun=All", {{"spec", {{"instances", 5}}}});
  EXPECT_EQ(patched.body["spec"]["instances"], 5);
  EXPECT_EQ(patched.body["metadata"]["generation"], 2);
  EXPECT_EQ(Call("GET", demo).body["spec"]["instances"], 3);
  EXPECT_EQ(Call("DELETE", demo + "?dryRun=All").code, 200);
  EXPECT_EQ(Call("GET", demo).code, 200);
  EXPECT_EQ(Call("DELETE", demo + "?dryRun=Some").code, 422);
  EXPECT_EQ(Call("DELETE", demo, {{"dryRun", {"All"}}}).code, 200);
  EXPECT_EQ(Call("DELETE", demo, {{"dryRun", {"Some"}}}).code, 422);
  EXPECT_EQ(Call("GET", demo).code, 200);
}

TEST_F(ApiRouterTest, BesideABodyTheQueryOfADeletionCountsForNothing) {
  Call("POST", kClusters, Cluster("demo"));
  std::string demo = std::string(kClusters) + "/demo";
  EXPECT_EQ(Call("DELETE", demo + "?dryRun=All",
                 {{"propagationPolicy", "Background"}})
                .code,
            200);
  EXPECT_EQ(Call("GET", demo).code, 404);
}

TEST_F(ApiRouterTest, UnknownFieldsAreRefusedOrWarnedOf) {
  Json cluster = Cluster("demo");
  cluster["spec"]["instancez"] = 1;
  cluster["spec"]["monitoring"] = {{"enablePodMonitor", true}};
  Answer strict =
      Call("POST", std::string(kClusters) + "?fieldValidation=Strict", cluster);
  EXPECT_EQ(strict.code, 400);
  EXPECT_THAT(strict.message(),
              HasSubstr("strict decoding error: unknown field "
                        "\"spec.instancez\", field \"spec.monitoring\" is not "
                        "supported by the local plane"));
  Answer warned = Call("POST", kClusters, cluster);
  EXPECT_EQ(warned.code, 201);
  EXPECT_THAT(warned.warnings, SizeIs(2));
  EXPECT_FALSE(warned.body["spec"].contains("instancez"));
  EXPECT_TRUE(warned.body["spec"].contains("monitoring"));
}

TEST_F(ApiRouterTest, ClustersAreCheckedAsTheWebhookDoes) {
  auto refused = [&](const std::function<void(Json&)>& edit) {
    Json cluster = Cluster("demo");
    edit(cluster);
    Answer answer = Call("POST", kClusters, cluster);
    // The webhook that fills defaults in meets a wrong type first.
    bool wrong_type = absl::StrContains(answer.message(), "unmarshal");
    EXPECT_EQ(answer.code, wrong_type ? 400 : 422) << answer.body;
    return answer.message();
  };
  EXPECT_THAT(refused([](Json& c) { c["spec"]["instances"] = 0; }),
              HasSubstr("spec.instances in body should be greater than or "
                        "equal to 1"));
  EXPECT_THAT(
      refused([](Json& c) { c["spec"]["instances"] = "3"; }),
      HasSubstr("cannot unmarshal string into Go struct field spec.instances"));
  EXPECT_THAT(refused([](Json& c) { c["spec"]["storage"]["size"] = "big"; }),
              HasSubstr("admission webhook \"vcluster.cnpg.io\" denied"));
  EXPECT_THAT(refused([](Json& c) { c["spec"].erase("storage"); }),
              HasSubstr("Size not configured"));
  EXPECT_THAT(refused([](Json& c) { c["metadata"]["name"] = "1demo"; }),
              HasSubstr("cluster name must be a valid DNS label"));
  EXPECT_THAT(
      refused([](Json& c) { c["metadata"]["name"] = std::string(51, 'a'); }),
      HasSubstr("maximum length of a cluster name is 50"));
  EXPECT_THAT(refused([](Json& c) { c["metadata"]["name"] = "Demo"; }),
              HasSubstr("a lowercase RFC 1123 subdomain"));
  EXPECT_THAT(
      refused([](Json& c) {
        c["spec"]["managed"]["roles"] = {{{"name", "a"}}, {{"name", "a"}}};
      }),
      HasSubstr("Role name is duplicate of another"));
  EXPECT_THAT(refused([](Json& c) {
                c["spec"]["managed"]["roles"] = {{{"name", "postgres"}}};
              }),
              HasSubstr("reserved for operator use"));
  EXPECT_THAT(refused([](Json& c) {
                c["spec"]["postgresql"]["parameters"] = {{"port", "1"}};
              }),
              HasSubstr("Can't set fixed configuration parameter"));
  EXPECT_THAT(refused([](Json& c) {
                c["spec"]["postgresql"]["parameters"] = {{"work_mem", 4}};
              }),
              HasSubstr("parameters.work_mem of type string"));
  EXPECT_THAT(refused([](Json& c) { c["spec"]["imageName"] = "pg:latest"; }),
              HasSubstr("Can't use 'latest'"));
  Call("POST", kClusters, Cluster("demo"));
  Answer shrunk = Merge(std::string(kClusters) + "/demo",
                        {{"spec", {{"storage", {{"size", "1Mi"}}}}}});
  EXPECT_THAT(shrunk.message(),
              HasSubstr("can't shrink existing storage from 1Gi to 1Mi"));
  EXPECT_EQ(shrunk.body["details"]["causes"][0]["field"], "spec.storage.size");
}

TEST_F(ApiRouterTest, OwnersAreNamedWhole) {
  for (const Json& uid : {Json(), Json("")}) {
    Json cluster = Cluster("owned");
    cluster["metadata"]["ownerReferences"] = {{{"apiVersion", "v1"},
                                               {"kind", "Secret"},
                                               {"name", "y"},
                                               {"uid", uid}}};
    const Answer refused = Call("POST", kClusters, cluster);
    EXPECT_EQ(refused.code, 422) << uid << refused.body;
    EXPECT_THAT(refused.body.value("message", ""),
                HasSubstr("metadata.ownerReferences.uid"));
  }
}

TEST_F(ApiRouterTest, WhatFitsIntoNoTypeIsTheCallersFault) {
  const std::string secrets = "/api/v1/namespaces/default/secrets";
  const auto secret = [](const char* field, const Json& value) {
    Json object = {{"metadata", {{"name", "s"}}}};
    object[field] = value;
    return object;
  };
  for (const Json& wrong : {Json(1), Json(Json::array()), Json("x")}) {
    EXPECT_EQ(Call("POST", secrets, secret("data", wrong)).code, 400) << wrong;
  }
  EXPECT_EQ(Call("POST", secrets, secret("type", 5)).code, 400);
  // A null is a field that is not there.
  const Answer made = Call("POST", secrets, secret("type", nullptr));
  EXPECT_EQ(made.code, 201) << made.body;
  EXPECT_EQ(made.body["type"], "Opaque");
  const Json space = {{"metadata", {{"name", "n"}, {"labels", 1}}}};
  EXPECT_EQ(Call("POST", "/api/v1/namespaces", space).code, 400);

  ASSERT_EQ(Call("POST", kClusters, Cluster("demo")).code, 201);
  const std::string scale = std::string(kClusters) + "/demo/scale";
  for (const Json& wrong :
       {Json({{"spec", Json::array()}}), Json({{"spec", {{"replicas", "3"}}}}),
        Json({{"spec", {{"replicas", Json::array()}}}})}) {
    EXPECT_EQ(Call("PUT", scale, wrong).code, 400) << wrong;
    EXPECT_EQ(Merge(scale, wrong).code, 422) << wrong;
  }
  // An option that cannot be read is none that was not given.
  for (const Json& options :
       {Json({{"dryRun", Json::object()}}), Json({{"preconditions", 1}}),
        Json({{"preconditions", {{"uid", 1}}}})}) {
    EXPECT_EQ(Call("DELETE", std::string(kClusters) + "/demo", options).code,
              400)
        << options;
  }
  EXPECT_EQ(Call("GET", std::string(kClusters) + "/demo").code, 200);
}

TEST_F(ApiRouterTest, LongValuesAreCheckedLikeShortOnes) {
  const std::string name(100'000, 'a');
  const std::string digits(100'000, '9');
  Json cluster = Cluster("demo");
  cluster["spec"]["postgresql"]["parameters"] = {{name + "-", "1"}};
  Answer answer = Call("POST", kClusters, cluster);
  EXPECT_EQ(answer.code, 422);
  EXPECT_THAT(answer.message(), HasSubstr("invalid parameter name"));

  cluster = Cluster("demo");
  cluster["spec"]["imageName"] = "pg:" + digits;
  EXPECT_THAT(Call("POST", kClusters, cluster).message(),
              HasSubstr("invalid version tag"));

  cluster["spec"]["imageName"] = "pg:16-" + name;
  cluster["spec"]["postgresql"]["parameters"] = {{name + "." + name, name}};
  EXPECT_EQ(Call("POST", kClusters, cluster).code, 201);
}

TEST_F(ApiRouterTest, DatabasesAndRolesKeepTheirIdentity) {
  Json database = {
      {"apiVersion", "postgresql.cnpg.io/v1"},
      {"kind", "Database"},
      {"metadata", {{"name", "d"}}},
      {"spec",
       {{"cluster", {{"name", "c"}}}, {"name", "app_data"}, {"owner", "app"}}}};
  Answer made = Call("POST", kDatabases, database);
  ASSERT_EQ(made.code, 201) << made.body;
  EXPECT_EQ(made.body["spec"]["databaseReclaimPolicy"], "retain");
  std::string path = std::string(kDatabases) + "/d";
  EXPECT_THAT(Merge(path, {{"spec", {{"name", "x"}}}}).message(),
              HasSubstr("name is immutable"));
  EXPECT_THAT(Merge(path, {{"spec", {{"cluster", {{"name", "x"}}}}}}).message(),
              HasSubstr("cluster reference is immutable after creation"));
  EXPECT_EQ(Merge(path, {{"spec", {{"owner", "other"}}}}).code, 200);
  database["metadata"]["name"] = "reserved";
  database["spec"]["name"] = "template0";
  EXPECT_THAT(Call("POST", kDatabases, database).message(),
              HasSubstr("the name template0 is reserved"));
  database["spec"].erase("owner");
  EXPECT_THAT(Call("POST", kDatabases, database).message(),
              HasSubstr("spec.owner: Required value"));

  Json role = {{"apiVersion", "postgresql.cnpg.io/v1"},
               {"kind", "DatabaseRole"},
               {"metadata", {{"name", "r"}}},
               {"spec", {{"cluster", {{"name", "c"}}}, {"name", "app_user"}}}};
  made = Call("POST", kRoles, role);
  ASSERT_EQ(made.code, 201) << made.body;
  EXPECT_EQ(made.body["spec"]["inherit"], true);
  EXPECT_EQ(made.body["spec"]["connectionLimit"], -1);
  EXPECT_THAT(
      Merge(
          std::string(kRoles) + "/r",
          {{"spec",
            {{"disablePassword", true}, {"passwordSecret", {{"name", "s"}}}}}})
          .message(),
      HasSubstr("mutually exclusive"));
  for (const char* name : {"postgres", "pg_x", "cnpg_x"}) {
    role["metadata"]["name"] = "other";
    role["spec"]["name"] = name;
    EXPECT_THAT(Call("POST", kRoles, role).message(), HasSubstr("reserved"));
  }
}

TEST_F(ApiRouterTest, LostRacesAreConflicts) {
  Json made = Call("POST", kClusters, Cluster("demo")).body;
  std::string demo = std::string(kClusters) + "/demo";
  Merge(demo, {{"spec", {{"instances", 2}}}});
  Answer put = Call("PUT", demo, made);
  EXPECT_EQ(put.code, 409);
  EXPECT_EQ(put.body["reason"], "Conflict");
  EXPECT_EQ(put.message(),
            "Operation cannot be fulfilled on clusters.postgresql.cnpg.io "
            "\"demo\": the object has been modified; please apply your changes "
            "to the latest version and try again");
  Answer patch = Merge(
      demo,
      {{"metadata", {{"resourceVersion", made["metadata"]["resourceVersion"]}}},
       {"spec", {{"instances", 9}}}});
  EXPECT_EQ(patch.code, 409);
  made["metadata"].erase("resourceVersion");
  EXPECT_THAT(Call("PUT", demo, made).message(),
              HasSubstr("must be specified for an update"));
  EXPECT_EQ(Call("DELETE", demo, {{"preconditions", {{"uid", "other"}}}}).code,
            409);
}

TEST_F(ApiRouterTest, StatusAndSpecAreWrittenApart) {
  Call("POST", kClusters, Cluster("demo"));
  std::string demo = std::string(kClusters) + "/demo";
  Answer status = Merge(
      demo + "/status",
      {{"spec", {{"instances", 9}}}, {"status", {{"phase", "Failing over"}}}});
  EXPECT_EQ(status.body["spec"]["instances"], 3);
  EXPECT_EQ(status.body["metadata"]["generation"], 1);
  Answer spec = Merge(
      demo, {{"spec", {{"instances", 2}}}, {"status", {{"phase", "forged"}}}});
  EXPECT_EQ(spec.body["status"]["phase"], "Failing over");
  EXPECT_EQ(spec.body["metadata"]["generation"], 2);
  Answer scale = Merge(demo + "/scale", {{"spec", {{"replicas", 4}}}});
  EXPECT_EQ(scale.body["kind"], "Scale");
  EXPECT_EQ(Call("GET", demo).body["spec"]["instances"], 4);
  EXPECT_EQ(Call("GET", demo + "/scale").body["spec"]["replicas"], 4);
}

TEST_F(ApiRouterTest, SecretsTakeTextAndGenerateNames) {
  Json secret = Secret("");
  secret["metadata"] = {{"generateName", "made-"}};
  Answer one = Call("POST", kSecrets, secret);
  Answer two = Call("POST", kSecrets, secret);
  ASSERT_EQ(one.code, 201) << one.body;
  EXPECT_NE(one.body["metadata"]["name"], two.body["metadata"]["name"]);
  EXPECT_EQ(one.body["data"]["a"], "Yg==");
  EXPECT_FALSE(one.body.contains("stringData"));
  EXPECT_EQ(one.body["type"], "Opaque");
  EXPECT_FALSE(one.body["metadata"].contains("generation"));
  Json bad = Secret("bad");
  bad["data"] = {{"a", "***"}};
  bad.erase("stringData");
  EXPECT_EQ(Call("POST", kSecrets, bad).code, 400);
  Json basic = Secret("basic");
  basic["type"] = "kubernetes.io/basic-auth";
  EXPECT_THAT(Call("POST", kSecrets, basic).message(),
              HasSubstr("data[username]: Required value"));
}

TEST_F(ApiRouterTest, ListsComeInPages) {
  for (char name = 'a'; name <= 'e'; ++name) {
    Call("POST", kSecrets, Secret(std::string(1, name)));
  }
  std::string seen;
  std::string target = std::string(kSecrets) + "?limit=2";
  std::string version;
  for (int page = 0; page < 3; ++page) {
    Json list = Call("GET", target).body;
    for (const Json& item : list["items"]) {
      seen += item["metadata"]["name"].get<std::string>();
    }
    if (page == 0) {
      EXPECT_EQ(list["metadata"]["remainingItemCount"], 3);
      version = list["metadata"]["resourceVersion"];
      Call("POST", kSecrets, Secret("aa"));  // behind the cursor
    }
    EXPECT_EQ(list["metadata"]["resourceVersion"], version);
    target = std::string(kSecrets) +
             "?limit=2&continue=" + list["metadata"].value("continue", "");
  }
  EXPECT_EQ(seen, "abcde");
  std::string token = Call("GET", std::string(kSecrets) + "?limit=2")
                          .body["metadata"]["continue"];
  now_ += absl::Minutes(6);
  Answer expired =
      Call("GET", std::string(kSecrets) + "?limit=2&continue=" + token);
  EXPECT_EQ(expired.code, 410);
  EXPECT_EQ(expired.body["reason"], "Expired");
  EXPECT_EQ(Call("GET", std::string(kSecrets) + "?continue=zzz").code, 400);
  EXPECT_EQ(Call("GET", std::string(kSecrets) + "?limit=x").code, 400);
  EXPECT_EQ(Call("GET", std::string(kSecrets) + "?resourceVersion=99999").code,
            504);
  EXPECT_THAT(
      Call("GET", std::string(kSecrets) + "?fieldSelector=metadata.name%3Db")
          .body["items"],
      SizeIs(1));
}

// Lines of a watch until it has sent `count`.
std::vector<std::string> WatchLines(ApiResponse& response, size_t count,
                                    const std::function<void()>& then) {
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::string> lines;
  response.stream->Start([&](const std::string& line) {
    Json event = Json::parse(line);
    std::lock_guard lock(mutex);
    lines.push_back(
        event["type"].get<std::string>() + " " +
        event["object"]["metadata"].value("name", Json("")).get<std::string>());
    wake.notify_all();
  });
  then();
  {
    std::unique_lock lock(mutex);
    wake.wait_for(lock, std::chrono::seconds(10),
                  [&] { return lines.size() >= count; });
  }
  response.stream.reset();
  return lines;
}

TEST_F(ApiRouterTest, WatchesFollowTheirSelector) {
  Json kept = Secret("kept");
  kept["metadata"]["labels"] = {{"app", "x"}};
  Call("POST", kSecrets, kept);
  Call("POST", kSecrets, Secret("other"));
  ApiResponse watch =
      Raw("GET", std::string(kSecrets) + "?watch=1&labelSelector=app%3Dx");
  auto label = [&](const char* name, const Json& value) {
    Merge(std::string(kSecrets) + "/" + name,
          {{"metadata", {{"labels", {{"app", value}}}}}});
  };
  EXPECT_THAT(WatchLines(watch, 4,
                         [&] {
                           label("other", "x");
                           label("kept", nullptr);
                           Call("DELETE", std::string(kSecrets) + "/other");
                         }),
              ElementsAre("ADDED kept", "ADDED other", "DELETED kept",
                          "DELETED other"));
}

TEST_F(ApiRouterTest, WatchesResumeAndTellWhenTheyCannot) {
  Json first = Call("POST", kSecrets, Secret("a")).body;
  Call("POST", kSecrets, Secret("b"));
  ApiResponse watch =
      Raw("GET", std::string(kSecrets) + "?watch=1&resourceVersion=" +
                     first["metadata"]["resourceVersion"].get<std::string>());
  EXPECT_THAT(WatchLines(watch, 1, [] {}), ElementsAre("ADDED b"));
  watch = Raw("GET", std::string(kSecrets) +
                         "?watch=1&sendInitialEvents=true&allowWatchBookmarks="
                         "true&resourceVersionMatch=NotOlderThan");
  EXPECT_THAT(WatchLines(watch, 3, [] {}),
              ElementsAre("ADDED a", "ADDED b", "BOOKMARK "));
  watch = Raw("GET", std::string(kSecrets) + "?watch=1&resourceVersion=9999");
  EXPECT_THAT(WatchLines(watch, 1, [] {}), ElementsAre("ERROR "));
}

TEST_F(ApiRouterTest, DeletedNamespacesTakeNothingNew) {
  Answer made =
      Call("POST", "/api/v1/namespaces", {{"metadata", {{"name", "team"}}}});
  ASSERT_EQ(made.code, 201) << made.body;
  EXPECT_EQ(made.body["status"]["phase"], "Active");
  std::string secrets = "/api/v1/namespaces/team/secrets";
  Json held = Secret("held");
  held["metadata"]["finalizers"] = {"test/hold"};
  Call("POST", secrets, held);
  EXPECT_EQ(Call("DELETE", "/api/v1/namespaces/team").code, 200);
  Answer late = Call("POST", secrets, Secret("late"));
  EXPECT_EQ(late.code, 403);
  EXPECT_THAT(late.message(), HasSubstr("because it is being terminated"));
  Merge(secrets + "/held", {{"metadata", {{"finalizers", nullptr}}}});
}

TEST_F(ApiRouterTest, BadRequestsAreToldApart) {
  EXPECT_EQ(Call("POST", kClusters, Json::array()).code, 400);
  EXPECT_EQ(Raw("POST", kClusters, "{").code, 400);
  EXPECT_EQ(Raw("POST", kClusters, "{}", "text/plain").code, 415);
  Json wrong = Cluster("demo");
  wrong["kind"] = "Pod";
  EXPECT_EQ(Call("POST", kClusters, wrong).code, 422);
  wrong = Cluster("demo");
  wrong["metadata"]["namespace"] = "other";
  EXPECT_EQ(Call("POST", kClusters, wrong).code, 400);
  EXPECT_EQ(Call("POST", kClusters, {{"metadata", Json::object()}}).code, 400);
  EXPECT_EQ(Call("GET", std::string(kClusters) + "/a/b/c").code, 404);
  EXPECT_EQ(Call("GET", "/api/v1/namespaces/%zz").code, 400);
  EXPECT_EQ(Call("PUT", kClusters, Cluster("x")).code, 400);
  EXPECT_EQ(Call("PUT", kSecrets, Secret("x")).code, 405);
  const std::string twice =
      R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"x","name":"y"}})";
  ApiResponse strict =
      Raw("POST", std::string(kSecrets) + "?fieldValidation=Strict", twice);
  EXPECT_EQ(strict.code, 400);
  EXPECT_THAT(strict.body, HasSubstr("duplicate field \\\"metadata.name"));
  // A status of the wrong shape must not end the plane.
  Call("POST", kClusters, Cluster("demo"));
  Merge(std::string(kClusters) + "/demo/status",
        {{"status", {{"conditions", {"x"}}}}});
  ApiResponse table = router_->Handle(
      {"GET", kClusters, "application/json;as=Table;g=meta.k8s.io;v=v1", "",
       "Bearer secret", ""});
  EXPECT_TRUE(table.code == 200 || table.code == 500);
}

}  // namespace
}  // namespace howdah::local

#include "backend/local/aiven/sandbox_api.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace howdah::local::aiven {
namespace {

constexpr char kToken[] = "aivenv1 token-of-the-test";
constexpr char kAdmin[] = "Bearer token-of-the-admin";

// Servers that are only talked about.
class FakeServers final : public DatabaseServers {
 public:
  bool Serves(const std::string& type) const override { return type == "pg"; }
  int PortFor(const Service& service) override {
    return Serves(service.type) ? 15432 : 0;
  }
  absl::StatusOr<int> Serve(const Service& service) override {
    started.push_back(service.name);
    return 15433;
  }
  absl::Status Update(const Service&) override { return absl::OkStatus(); }
  void PowerOff(const Service& service) override {
    off.push_back(service.name);
  }
  void Remove(const Service& service) override {
    removed.push_back(service.name);
  }

  std::vector<std::string> started, off, removed;
};

class SandboxApiTest : public testing::Test {
 protected:
  SandboxApiTest() : api_(Options(), servers_) {}

  SandboxOptions Options() {
    SandboxOptions options;
    options.token = "token-of-the-test";
    options.admin_token = "token-of-the-admin";
    options.ca_pem = "-----BEGIN CERTIFICATE-----";
    options.clock = [this] { return now_; };
    return options;
  }

  Answer Send(const std::string& method, const std::string& target,
              const Json& body = nullptr,
              const std::string& authorization = kToken) {
    Request request;
    request.method = method;
    request.target = target;
    request.authorization = authorization;
    if (!body.is_null()) request.body = body.dump();
    return api_.Handle(request);
  }

  // The body of a success.
  Json Get(const std::string& target) {
    Answer answer = Send("GET", target);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body);
  }

  void ExpectError(const Answer& answer, int status,
                   const std::string& message) {
    Json body = Json::parse(answer.body, nullptr, false);
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(body.value("message", ""), message);
    EXPECT_EQ(body["errors"][0]["message"], message);
    EXPECT_EQ(body["errors"][0]["status"], status);
  }

  void Steer(const std::string& method, const std::string& what,
             const Json& body) {
    Answer answer =
        Send(method, absl::StrCat("/_sandbox/", what), body, kAdmin);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }

  std::string StateOf(const std::string& service) {
    return Get(absl::StrCat("/v1/project/shop-dev/service/",
                            service))["service"]["state"];
  }

  absl::Time now_ = absl::FromUnixSeconds(1790000000);
  FakeServers servers_;
  SandboxApi api_;
};

const char kShopPg[] = "/v1/project/shop-prod/service/shop-pg-prod";

TEST_F(SandboxApiTest, ListsProjectsAndServices) {
  EXPECT_EQ(Get("/v1/project")["projects"].size(), 30u);
  Json services = Get("/v1/project/shop-prod/service")["services"];
  ASSERT_EQ(services.size(), 4u);
  EXPECT_EQ(services[0]["service_name"], "shop-kafka-prod");
  EXPECT_EQ(services[2]["service_type"], "pg");
}

TEST_F(SandboxApiTest, BothSchemesOfTheTokenAreGood) {
  for (const char* scheme : {"aivenv1", "Bearer", "bearer"}) {
    std::string header = absl::StrCat(scheme, " token-of-the-test");
    EXPECT_EQ(Send("GET", "/v1/me", nullptr, header).status, 200) << scheme;
  }
}

TEST_F(SandboxApiTest, WithoutAGoodTokenThereIsNothing) {
  for (const char* header : {"", "Bearer", "Bearer wrong", "token-of-the-test",
                             "Basic token-of-the-test"}) {
    ExpectError(Send("GET", "/v1/project", nullptr, header), 401,
                "Missing (expired) db token");
  }
}

TEST_F(SandboxApiTest, CloudsAndVersionsNeedNoToken) {
  EXPECT_EQ(Send("GET", "/v1/clouds", nullptr, "").status, 200);
  EXPECT_EQ(Send("GET", "/v1/service_versions", nullptr, "").status, 200);
}

TEST_F(SandboxApiTest, WhatIsNotThereIsSaidInAivensWords) {
  ExpectError(Send("GET", "/v1/project/shop-prod/service/nope"), 404,
              "Service nope does not exist");
  ExpectError(Send("GET", "/v1/project/nope/service"), 404,
              "Project nope does not exist");
  for (const char* path :
       {"/v1/nothing", "/v1/project/", "/v1/project/shop-prod/service/",
        "/v1/project/shop-prod/../shop-dev/service", "/", "",
        "/v1/project/shop-prod/service/%zz"}) {
    ExpectError(Send("GET", path), 404, "Not Found");
  }
  ExpectError(Send("POST", "/v1/me"), 405, "Method Not Allowed");
}

TEST_F(SandboxApiTest, EveryAnswerSaysThatItIsTheSandboxs) {
  for (const char* path : {"/v1/project", "/v1/nothing", "/_sandbox/journal"}) {
    Answer answer = Send("GET", path);
    ASSERT_FALSE(answer.headers.empty());
    EXPECT_EQ(answer.headers[0].first, kSandboxHeader);
    EXPECT_EQ(answer.headers[0].second, "true");
  }
}

TEST_F(SandboxApiTest, SecretsAreThereOnDemandOnlyAndThenAServerIsStarted) {
  Answer plain = Send("GET", kShopPg);
  EXPECT_EQ(plain.body.find("AVNS_"), std::string::npos);
  EXPECT_TRUE(Json::parse(plain.body)["service"]["service_uri"].is_null());
  EXPECT_TRUE(servers_.started.empty());
  Json secret = Get(absl::StrCat(kShopPg, "?include_secrets=true"))["service"];
  EXPECT_EQ(servers_.started, std::vector<std::string>{"shop-pg-prod"});
  EXPECT_EQ(secret["service_uri_params"]["port"], "15433");
  std::string password = secret["service_uri_params"]["password"];
  EXPECT_EQ(secret["service_uri"],
            absl::StrCat("postgres://avnadmin:", password,
                         "@127.0.0.1:15433/defaultdb?sslmode=require"));
}

TEST_F(SandboxApiTest, ATokenThatMayOnlyReadIsRefusedTheRest) {
  Steer("POST", "tokens", {{"token", "reader-token"}, {"access", "read_only"}});
  const char* reader = "Bearer reader-token";
  EXPECT_EQ(Send("GET", kShopPg, nullptr, reader).status, 200);
  ExpectError(Send("GET", absl::StrCat(kShopPg, "?include_secrets=true"),
                   nullptr, reader),
              403, "Missing permission: service:secrets:read");
  ExpectError(Send("DELETE", kShopPg, nullptr, reader), 403,
              "Missing permission: project:services:write");
  ExpectError(Send("GET", absl::StrCat(kShopPg, "/backups"), nullptr, reader),
              403, "Missing permission: service:configuration:write");
  std::string clickhouse =
      "/v1/project/analytics-prod/service/analytics-clickhouse-prod/"
      "clickhouse/query";
  Json query = {{"database", "default"}, {"query", "SELECT 1"}};
  ExpectError(Send("POST", clickhouse, query, reader), 403,
              "Missing permission: service:data:write");
  EXPECT_EQ(Send("POST", clickhouse, query).status, 200);
}

TEST_F(SandboxApiTest, ATokenOfSomeProjectsSeesNoOthers) {
  Steer("POST", "tokens",
        {{"token", "shop-token"}, {"projects", {"shop-prod", "shop-dev"}}});
  Answer list = Send("GET", "/v1/project", nullptr, "Bearer shop-token");
  EXPECT_EQ(Json::parse(list.body)["projects"].size(), 2u);
  ExpectError(Send("GET", "/v1/project/fraud-prod/service", nullptr,
                   "Bearer shop-token"),
              403, "Not a project member");
}

TEST_F(SandboxApiTest, ExpiredAndBlockedTokensAreToldSo) {
  Steer("POST", "tokens", {{"token", "old-token"}, {"access", "expired"}});
  Steer("POST", "tokens", {{"token", "far-token"}, {"access", "ip_blocked"}});
  ExpectError(Send("GET", "/v1/me", nullptr, "Bearer old-token"), 401,
              "Missing (expired) db token");
  Answer blocked = Send("GET", "/v1/me", nullptr, "Bearer far-token");
  EXPECT_EQ(blocked.status, 403);
  EXPECT_EQ(Json::parse(blocked.body)["errors"][0]["error_code"],
            "api_client_ip_allowlist_blocks_caller");
}

TEST_F(SandboxApiTest, TheRateLimitIsASlidingMinuteOfEachToken) {
  Steer("POST", "settings", {{"calls_per_minute", 3}});
  Steer("POST", "tokens", {{"token", "other-token"}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Send("GET", "/v1/me").status, 200);
    now_ += absl::Seconds(10);
  }
  ExpectError(Send("GET", "/v1/me"), 429,
              "The user has sent too many requests in a given amount of time: "
              "Rate limit 3 exceeded - try again in 30s");
  EXPECT_EQ(Send("GET", "/v1/me", nullptr, "Bearer other-token").status, 200);
  now_ += absl::Seconds(30);
  EXPECT_EQ(Send("GET", "/v1/me").status, 200);
  EXPECT_EQ(Send("GET", "/v1/me").status, 429);
}

TEST_F(SandboxApiTest, ANewServiceIsBuiltInTime) {
  Json body = {{"service_name", "shop-new"},
               {"service_type", "pg"},
               {"plan", "startup-4"}};
  Answer made = Send("POST", "/v1/project/shop-dev/service", body);
  ASSERT_EQ(made.status, 200) << made.body;
  Json service = Json::parse(made.body)["service"];
  EXPECT_EQ(service["state"], "REBUILDING");
  EXPECT_EQ(service["cloud_name"], "aws-eu-west-1");
  EXPECT_EQ(service["node_states"][0]["state"], "setting_up_vm");
  ExpectError(Send("POST", "/v1/project/shop-dev/service", body), 409,
              "Service name is already in use in this project");
  Steer("POST", "clock", {{"advance_seconds", 120}});
  EXPECT_EQ(
      Get("/v1/project/shop-dev/service/shop-new")["service"]["node_states"][0]
                                                  ["state"],
      "syncing_data");
  Steer("POST", "clock", {{"advance_seconds", 120}});
  EXPECT_EQ(StateOf("shop-new"), "RUNNING");
  EXPECT_EQ(Get("/v1/project/shop-dev/events")["events"][0]["event_type"],
            "service_create");
}

TEST_F(SandboxApiTest, BadServicesAreRefusedInAivensWords) {
  auto create = [&](Json body) {
    return Send("POST", "/v1/project/shop-dev/service", body);
  };
  Json good = {
      {"service_name", "x"}, {"service_type", "pg"}, {"plan", "startup-4"}};
  auto with = [&](const char* name, Json value) {
    Json body = good;
    body[name] = std::move(value);
    return body;
  };
  ExpectError(create({{"service_name", "x"}}), 400,
              "Invalid input: 'service_type' is a required property");
  ExpectError(create(with("plan", "pro-4")), 400,
              "Invalid plan 'pro-4' for service type 'pg'");
  ExpectError(create(with("service_name", "Ünsinn")), 400,
              "Service name must consist of 1-64 alphanumerical characters");
  ExpectError(create(with("colour", "red")), 400,
              "Invalid input: Additional properties are not allowed ('colour' "
              "was unexpected)");
  ExpectError(create(with("tags", 3)), 400,
              "Invalid input: 'tags' is not of type 'object'");
  ExpectError(create(with("user_config", {{"pg_version", 99}})), 400,
              "Invalid input: there is no version '99'");
}

TEST_F(SandboxApiTest, PowerGoesOffAndOnButNotOfWhatIsProtected) {
  const char* pg = "/v1/project/shop-dev/service/shop-pg-dev";
  EXPECT_EQ(Send("PUT", pg, {{"powered", false}}).status, 200);
  EXPECT_EQ(StateOf("shop-pg-dev"), "POWEROFF");
  EXPECT_EQ(servers_.off, std::vector<std::string>{"shop-pg-dev"});
  ExpectError(Send("GET", absl::StrCat(pg, "/db")), 409,
              "Database not powered on");
  EXPECT_EQ(Send("PUT", pg, {{"powered", true}}).status, 200);
  EXPECT_EQ(StateOf("shop-pg-dev"), "REBUILDING");
  const char* guarded = "/v1/project/payments-prod/service/payments-pg-prod";
  const char* refusal =
      "Service is protected against termination and shutdown. Remove "
      "termination protection first.";
  ExpectError(Send("PUT", guarded, {{"powered", false}}), 403, refusal);
  ExpectError(Send("DELETE", guarded), 403, refusal);
  EXPECT_TRUE(servers_.removed.empty());
}

TEST_F(SandboxApiTest, AnUpdateChangesOnlyWhatItNames) {
  const char* pg = "/v1/project/fraud-prod/service/fraud-pg-prod";
  EXPECT_EQ(Send("PUT", pg, {{"user_config", {{"work_mem", 8}}}}).status, 200);
  Json service = Get(pg)["service"];
  EXPECT_TRUE(service["project_vpc_id"].is_string());
  EXPECT_EQ(service["user_config"]["pg_version"], "16");
  EXPECT_EQ(service["user_config"]["work_mem"], 8);
  EXPECT_EQ(service["state"], "RUNNING");
  EXPECT_EQ(Send("PUT", pg, {{"project_vpc_id", nullptr}}).status, 200);
  EXPECT_TRUE(Get(pg)["service"]["project_vpc_id"].is_null());
  EXPECT_EQ(Send("PUT", pg, {{"plan", "premium-16"}}).status, 200);
  EXPECT_EQ(Get(pg)["service"]["state"], "REBUILDING");
}

TEST_F(SandboxApiTest, TagsAreReplacedOrChangedOneByOne) {
  for (std::string path :
       {std::string("/v1/project/shop-prod"), std::string(kShopPg)}) {
    path += "/tags";
    EXPECT_EQ(Send("PUT", path, {{"tags", {{"a", "1"}, {"b", "2"}}}}).status,
              200);
    EXPECT_EQ(
        Send("PATCH", path, {{"tags", {{"a", nullptr}, {"c", "3"}}}}).status,
        200);
    EXPECT_EQ(Get(path)["tags"], (Json{{"b", "2"}, {"c", "3"}}));
    ExpectError(Send("PATCH", path, {{"tags", {{"1st", "x"}}}}), 400,
                "Invalid input: tag '1st' is not valid");
    ExpectError(Send("PUT", path, {{"tags", {{"a", 1}}}}), 400,
                "Invalid input: 'a' is not of type 'string'");
    EXPECT_EQ(Get(path)["tags"], (Json{{"b", "2"}, {"c", "3"}}));
  }
}

TEST_F(SandboxApiTest, ADeletedServiceIsGone) {
  const char* pg = "/v1/project/shop-dev/service/shop-pg-dev";
  EXPECT_EQ(Send("DELETE", pg).status, 200);
  EXPECT_EQ(servers_.removed, std::vector<std::string>{"shop-pg-dev"});
  ExpectError(Send("GET", pg), 404, "Service shop-pg-dev does not exist");
}

TEST_F(SandboxApiTest, UsersDatabasesAndPoolsAreKept) {
  std::string pg = kShopPg;
  Answer made = Send("POST", pg + "/user", {{"username", "app"}});
  ASSERT_EQ(made.status, 200) << made.body;
  std::string password = Json::parse(made.body)["user"]["password"];
  EXPECT_TRUE(absl::StartsWith(password, "AVNS_"));
  ExpectError(Send("POST", pg + "/user", {{"username", "app"}}), 409,
              "Service user already exists");
  EXPECT_EQ(Send("POST", pg + "/db", {{"database", "extra"}}).status, 200);
  Json page = Get(pg + "/db?maxItems=1");
  EXPECT_EQ(page["databases"][0]["database_name"], "defaultdb");
  EXPECT_EQ(page["next"], "defaultdb");
  EXPECT_EQ(Get(pg + "/db?after=defaultdb")["databases"].size(), 1u);
  ExpectError(Send("GET", pg + "/db?maxItems=251"), 400,
              "Invalid value for limit parameter: maximum allowed value is "
              "250");
  Json pool = {{"pool_name", "p"}, {"database", "extra"}, {"username", "app"}};
  EXPECT_EQ(Send("POST", pg + "/connection_pool", pool).status, 200);
  EXPECT_EQ(Get(pg)["service"]["connection_pools"][0]["pool_name"], "p");
  pool["username"] = "nobody";
  pool["pool_name"] = "q";
  ExpectError(Send("POST", pg + "/connection_pool", pool), 403,
              "Service database username nobody does not exist");
  EXPECT_EQ(Send("DELETE", pg + "/user/avnadmin").status, 403);
}

TEST_F(SandboxApiTest, MetricsAndLogsCheckTheirArguments) {
  std::string pg = kShopPg;
  EXPECT_EQ(Send("POST", pg + "/metrics", {{"period", "hour"}}).status, 200);
  ExpectError(Send("POST", pg + "/metrics", {{"period", "minute"}}), 400,
              "Invalid input: 'minute' is not one of ['hour', 'day', 'week', "
              "'month', 'year']");
  EXPECT_EQ(Send("POST", pg + "/logs", {{"limit", 500}}).status, 200);
  ExpectError(Send("POST", pg + "/logs", {{"limit", 501}}), 400,
              "Invalid input: 501 is not from 1 to 500");
  for (const char* number : {"4294967297", "18446744073709551615"}) {
    ExpectError(Send("POST", pg + "/logs", {{"limit", Json::parse(number)}}),
                400, "Invalid input: 'limit' is out of range");
  }
}

TEST_F(SandboxApiTest, FaultsHitWhatTheyAreForAndAreThenUsedUp) {
  Steer("POST", "faults",
        {{"kind", "status"},
         {"status", 503},
         {"body", ""},
         {"path", "/v1/project/[^/]+/service"},
         {"times", 2}});
  EXPECT_EQ(Send("GET", "/v1/project").status, 200);
  for (int i = 0; i < 2; ++i) {
    Answer answer = Send("GET", "/v1/project/shop-prod/service?limit=9");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, "");
  }
  EXPECT_EQ(Send("GET", "/v1/project/shop-prod/service").status, 200);
}

TEST_F(SandboxApiTest, AFailureThatIsAskedForHasNoEffect) {
  Steer("POST", "faults", {{"kind", "status"}, {"status", 500}});
  EXPECT_EQ(Send("DELETE", kShopPg).status, 500);
  EXPECT_EQ(Send("GET", kShopPg).status, 200);
}

TEST_F(SandboxApiTest, FaultsOfTheConnectionAreHandedOn) {
  Steer("POST", "faults", {{"kind", "reset"}});
  EXPECT_EQ(Send("GET", "/v1/me").ending, Ending::kReset);
  Steer("POST", "faults", {{"kind", "slow"}, {"delay_ms", 250}});
  EXPECT_EQ(Send("GET", "/v1/me").delay, absl::Milliseconds(250));
  Steer("POST", "faults", {{"kind", "surprise"}});
  Json service = Get(kShopPg)["service"];
  EXPECT_EQ(service["state"], "HIBERNATING");
  EXPECT_FALSE(service.contains("tags"));
  Answer refused =
      Send("POST", "/_sandbox/faults", {{"kind", "plague"}}, kAdmin);
  ExpectError(refused, 400, "Invalid input: there is no kind 'plague'");
}

TEST_F(SandboxApiTest, OnlyTheAdministratorSteers) {
  ExpectError(Send("POST", "/_sandbox/clock", {{"advance_seconds", 1}}), 401,
              "Missing (expired) db token");
  ExpectError(Send("GET", "/_sandbox/nothing", nullptr, kAdmin), 404,
              "Not Found");
}

TEST_F(SandboxApiTest, TheJournalHasWhatWasAskedButNoToken) {
  Send("POST", absl::StrCat(kShopPg, "/logs"), {{"limit", 1}});
  Answer journal = Send("GET", "/_sandbox/journal", nullptr, kAdmin);
  EXPECT_FALSE(absl::StrContains(journal.body, "token-of-the-test"));
  Json entry = Json::parse(journal.body)["entries"].back();
  EXPECT_EQ(entry["method"], "POST");
  EXPECT_EQ(entry["target"], absl::StrCat(kShopPg, "/logs"));
  EXPECT_EQ(entry["scheme"], "aivenv1");
  EXPECT_EQ(entry["token"], "default");
  EXPECT_EQ(entry["status"], 200);
  EXPECT_EQ(entry["body"], "{\"limit\":1}");
}

}  // namespace
}  // namespace howdah::local::aiven

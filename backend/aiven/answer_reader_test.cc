#include "backend/aiven/answer_reader.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::aiven {
namespace {

using howdah::testing::HasReason;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kService[] = R"({"service": {
  "service_name": "pg-1", "service_type": "pg", "state": "HOVERING",
  "plan": "business-8", "cloud_name": "google-europe-west1",
  "create_time": "2026-01-02T03:04:05Z", "node_count": 2,
  "project_vpc_id": null, "service_uri": null, "unknown_field": {"a": [1]},
  "metadata": {"pg_version": "16.4"}, "tags": {"env": "prod"},
  "service_uri_params": {"host": "h", "port": "123", "user": "avnadmin",
    "password": "AVNS_uri0uri0uri0", "dbname": "defaultdb"},
  "users": [{"username": "avnadmin", "type": "primary",
    "password": "AVNS_user0user0", "access_key": "KEYKEY"}],
  "connection_pools": [{"pool_name": "p", "database": "d", "username": "u",
    "pool_mode": "session", "pool_size": 5,
    "connection_uri": "postgres://u:AVNS_pool0pool0@h/d"}],
  "connection_info": {"pg": ["postgres://a:AVNS_info0info0@h/d"],
    "opensearch_password": "OSPASS"},
  "user_config": {"pg_version": "16", "admin_password": "ADMINPASS",
    "pg": {"max_connections": 200}, "ip_filter": [{"network": "10.0.0.0/8"}],
    "s3_secret_access_key": "S3KEY"},
  "maintenance": {"dow": "sunday", "time": "01:00:00",
    "updates": [{"description": "d", "deadline": null}]},
  "service_notifications": [{"message": "ends",
    "metadata": {"service_end_of_life_time": "2026-12-01T00:00:00Z"}}],
  "node_states": [{"name": "pg-1-1", "state": "syncing_data", "role": "master",
    "progress_updates": [{"phase": "basebackup", "completed": false,
      "current": 5, "max": 10}]}]
}})";

TEST(AnswerReaderTest, ReadsAServiceWithWhatItDoesNotKnow) {
  const auto service = ReadService(kService, "demo");
  ASSERT_OK(service);
  EXPECT_EQ(service->project, "demo");
  EXPECT_EQ(service->state, "HOVERING");
  EXPECT_EQ(service->tier, PlanTier::kBusiness);
  EXPECT_EQ(service->provider, "google");
  EXPECT_EQ(service->region, "europe-west1");
  EXPECT_EQ(service->version, "16.4");
  EXPECT_EQ(service->vpc_id, "");
  EXPECT_THAT(service->users, ElementsAre("avnadmin"));
  EXPECT_THAT(service->updates, SizeIs(1));
  EXPECT_EQ(service->nodes.front().progress, "basebackup 50 %");
  EXPECT_EQ(
      absl::FormatTime("%Y-%m-%d", service->end_of_life, absl::UTCTimeZone()),
      "2026-12-01");
  EXPECT_THAT(service->settings, Contains("pg.max_connections=200"));
  EXPECT_THAT(service->settings, Contains("ip_filter=10.0.0.0/8"));
}

TEST(AnswerReaderTest, ListsAreWithoutWhatOnlyOneServiceShows) {
  const std::string one(kService);
  const size_t at = one.find(':');
  const auto services = ReadServices(
      "{\"services\":[" + one.substr(at + 1, one.size() - at - 2) + "]}",
      "demo");
  ASSERT_OK(services);
  ASSERT_THAT(*services, SizeIs(1));
  const Service& service = services->front();
  EXPECT_EQ(service.name, "pg-1");
  EXPECT_EQ(service.version, "16.4");
  EXPECT_THAT(service.updates, SizeIs(1));
  EXPECT_EQ(
      absl::FormatTime("%Y-%m-%d", service.end_of_life, absl::UTCTimeZone()),
      "2026-12-01");
  EXPECT_THAT(service.settings, IsEmpty());
  EXPECT_THAT(service.users, IsEmpty());
}

// D7: passwords of every kind stayed in the answer.
TEST(AnswerReaderTest, NoSecretOfAServiceIsKept) {
  const auto service = ReadService(kService, "demo");
  ASSERT_OK(service);
  std::string kept;
  for (const auto& texts : {service->settings, service->users,
                            service->databases, service->notices}) {
    for (const std::string& text : texts) kept += text + "\n";
  }
  for (const ConnectionPool& pool : service->pools) {
    kept += pool.name + pool.database + pool.user + pool.mode;
  }
  for (const char* secret :
       {"AVNS_", "KEYKEY", "OSPASS", "ADMINPASS", "S3KEY"}) {
    EXPECT_THAT(kept, Not(HasSubstr(secret)));
  }
}

TEST(AnswerReaderTest, SecretsAreReadOnlyWhereTheyAreAskedFor) {
  const auto secrets = ReadConnectionSecrets(kService);
  ASSERT_OK(secrets);
  EXPECT_EQ(secrets->host, "h");
  EXPECT_EQ(secrets->port, "123");
  EXPECT_EQ(secrets->password, "AVNS_uri0uri0uri0");
}

TEST(AnswerReaderTest, HalfAnswersAndPagesOfGatewaysAreErrors) {
  const std::string whole = R"({"services":[{"service_name":"a"}]})";
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(ReadServices(whole.substr(0, length), "p").status(),
                HasReason("AIVEN_BAD_ANSWER"))
        << length;
  }
  for (const char* body : {"", "<html>", "[]", "{}", R"({"services":null})",
                           R"({"services":{}})"}) {
    EXPECT_THAT(ReadServices(body, "p").status(), HasReason("AIVEN_BAD_ANSWER"))
        << body;
  }
  EXPECT_THAT(*ReadServices(whole, "p"), SizeIs(1));
}

TEST(AnswerReaderTest, WrongTypesReadAsEmpty) {
  const auto services = ReadServices(
      R"({"services":[{"service_name":1,"node_count":"x","tags":[],
          "users":{},"metadata":null,"user_config":"?"}]})",
      "p");
  ASSERT_OK(services);
  EXPECT_EQ(services->front().name, "");
  EXPECT_EQ(services->front().node_count, 0);
}

TEST(AnswerReaderTest, ReadsMetricsWithTheirRepeatedTitles) {
  const auto metrics = ReadMetrics(R"json({"metrics": {"cpu_usage": {"data": {
    "cols": [{"label": "time", "type": "date"}, {"label": "pg-1-1"},
             {"label": "pg-1-2"}],
    "rows": [["time", "pg-1-1", "pg-1-2"],
             ["Date(2026,10,21,10,0,0)", 1.5, null],
             ["2026-11-21T10:00:30Z", 2, 4]]}}}})json");
  ASSERT_OK(metrics);
  ASSERT_THAT(*metrics, SizeIs(2));
  EXPECT_EQ((*metrics)[0].label, "pg-1-1");
  ASSERT_THAT((*metrics)[0].points, SizeIs(2));
  EXPECT_EQ((*metrics)[0].points[1].first - (*metrics)[0].points[0].first,
            absl::Seconds(30));
  EXPECT_THAT((*metrics)[1].points, SizeIs(1));
}

TEST(AnswerReaderTest, ReadsNumbersThatAreTexts) {
  EXPECT_EQ(*ReadNumber(R"({"data":[["12345678901"]],"meta":[]})"),
            12345678901.0);
  EXPECT_THAT(ReadNumber(R"({"data":[]})").status(),
              HasReason("AIVEN_BAD_ANSWER"));
}

TEST(AnswerReaderTest, LogsHideSecretsInTheirLines) {
  const auto page = ReadLogs(
      R"({"logs":[{"msg":"login postgres://a:pw@h failed","time":
          "2026-11-21T10:00:00Z","unit":"pg","severity":"err"}],
          "offset":"o1"})");
  ASSERT_OK(page);
  EXPECT_EQ(page->lines.front().message,
            "login postgres://a:(hidden)@h failed");
  EXPECT_EQ(page->offset, "o1");
  EXPECT_THAT(ReadLogs(R"({"logs":[],"offset":null})")->lines, IsEmpty());
}

}  // namespace
}  // namespace howdah::aiven

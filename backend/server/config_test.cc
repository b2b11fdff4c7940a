#include "backend/server/config.h"

#include <fstream>
#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace howdah::server {
namespace {

using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(ConfigTest, DefaultsServeLoopback) {
  const auto config = ParseConfig({});
  ASSERT_OK(config);
  EXPECT_THAT(config->server.net.addresses, ElementsAre("127.0.0.1:50051"));
  EXPECT_EQ(config->default_postgres_version, "16");
  EXPECT_FALSE(config->server.policy.read_only);
  EXPECT_EQ(config->print, "");
}

TEST(ConfigTest, FlagsAreRead) {
  const auto config = ParseConfig({"--listen",
                                   "127.0.0.1:0",
                                   "--listen=unix:/run/h.sock",
                                   "--kubeconfig",
                                   "/k",
                                   "--context",
                                   "staging",
                                   "--namespace",
                                   "prod",
                                   "--watch-namespaces",
                                   "prod, test",
                                   "--default-postgres-version",
                                   "17.2",
                                   "--read-only",
                                   "--toolsets",
                                   "postgres,aws",
                                   "--workers",
                                   "3",
                                   "--queue",
                                   "0",
                                   "--drain-delay",
                                   "7",
                                   "--drain-timeout",
                                   "2",
                                   "--several-replicas",
                                   "--log-level",
                                   "debug",
                                   "--announce",
                                   "--exit-with-parent"});
  ASSERT_OK(config);
  EXPECT_THAT(config->server.net.addresses,
              ElementsAre("127.0.0.1:0", "unix:/run/h.sock"));
  EXPECT_EQ(config->kubernetes.kubeconfig, "/k");
  EXPECT_EQ(config->kubernetes.context, "staging");
  EXPECT_EQ(config->kubernetes.namespace_name, "prod");
  EXPECT_THAT(config->kubernetes.watched_namespaces,
              ElementsAre("prod", "test"));
  EXPECT_EQ(config->default_postgres_version, "17.2");
  EXPECT_TRUE(config->server.policy.read_only);
  EXPECT_THAT(config->server.toolsets, ElementsAre("postgres", "aws"));
  EXPECT_EQ(config->server.executor.workers, 3u);
  EXPECT_EQ(config->server.executor.queue, 0u);
  EXPECT_EQ(config->drain_delay, absl::Seconds(7));
  EXPECT_EQ(config->drain_timeout, absl::Seconds(2));
  EXPECT_TRUE(config->kubernetes.several_replicas);
  EXPECT_TRUE(config->announce);
  EXPECT_TRUE(config->exit_with_parent);
}

TEST(ConfigTest, AwsIsSetByFlagsAndByTheEnvironment) {
  const auto environment = [](const char* name) -> std::string {
    const std::map<std::string, std::string> variables = {
        {"HOWDAH_AWS_POLICY", "/etc/rules.yaml"},
        {"AWS_PROFILE", "prod"},
        {"AWS_DATA_PATH", "/evil"}};
    const auto found = variables.find(name);
    return found == variables.end() ? "" : found->second;
  };
  const auto config = ParseConfig(
      {"--aws-cli", "/opt/aws", "--aws-processes", "3", "--aws-queue", "7",
       "--aws-endpoint-url", "http://127.0.0.1:1"},
      environment);
  ASSERT_OK(config);
  EXPECT_EQ(config->aws.cli, "/opt/aws");
  EXPECT_EQ(config->aws.policy_file, "/etc/rules.yaml");
  EXPECT_EQ(config->aws.endpoint_url, "http://127.0.0.1:1");
  EXPECT_EQ(config->aws.most_running, 3u);
  EXPECT_EQ(config->aws.most_waiting, 7u);
  EXPECT_THAT(config->aws.environment,
              ElementsAre(Pair("AWS_PROFILE", "prod")));
}

TEST(ConfigTest, WrongFlagsAreNamed) {
  const std::vector<std::vector<std::string>> wrong = {
      {"--no-such-flag"},
      {"--read"},  // abbreviations are not guessed
      {"stray"},
      {"--aws-processes", "0"},
      {"--aws-endpoint-url", "ftp://x"},
      {"--workers", "many"},
      {"--workers", "0"},
      {"--queue", "-1"},
      {"--drain-delay", "-1"},
      {"--drain-timeout", "-1"},
      {"--log-level", "loud"},
      {"--default-postgres-version", "latest"},
      {"--namespace", "Prod"},
      {"--watch-namespaces", "prod,Test"},
      {"--tls-cert", "a.pem"},
      {"--tls-client-ca", "a.pem"},
  };
  for (const auto& arguments : wrong) {
    const auto config = ParseConfig(arguments);
    EXPECT_THAT(config, HasReason("BAD_FLAG")) << arguments.front();
    std::string flag = arguments.front();
    if (flag == "--tls-client-ca") flag = "--tls-cert";
    EXPECT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument,
                                 HasSubstr(flag == "stray" ? "" : flag)));
  }
}

TEST(ConfigTest, HelpVersionAndConfigurationArePrinted) {
  EXPECT_THAT(ParseConfig({"--help"})->print, HasSubstr("--listen ADDR"));
  EXPECT_THAT(ParseConfig({"--version"})->print, HasSubstr("howdah-backend "));
  const auto json = nlohmann::json::parse(
      ParseConfig({"--print-config", "--read-only"})->print);
  EXPECT_EQ(json["read-only"], true);
  EXPECT_THAT(json["listen"], ElementsAre("127.0.0.1:50051"));
}

TEST(ConfigTest, AFileSaysWhatFlagsDoNot) {
  const std::string path = ::testing::TempDir() + "/backend.json";
  std::ofstream(path) << R"({"listen": ["127.0.0.1:1", "127.0.0.1:2"],
                             "workers": 3, "read-only": true})";
  const auto config = ParseConfig({"--config", path, "--workers", "4"});
  ASSERT_OK(config);
  EXPECT_THAT(config->server.net.addresses,
              ElementsAre("127.0.0.1:1", "127.0.0.1:2"));
  EXPECT_EQ(config->server.executor.workers, 4u);
  EXPECT_TRUE(config->server.policy.read_only);

  std::ofstream(path) << R"({"wrokers": 3})";
  EXPECT_THAT(ParseConfig({"--config", path}).status(),
              HasReason("BAD_CONFIG_FILE"));
  std::ofstream(path) << "{";
  EXPECT_THAT(ParseConfig({"--config", path}).status(),
              HasReason("BAD_CONFIG_FILE"));
}

TEST(ConfigTest, OnlyTheLogLevelIsNotFixed) {
  const std::string fixed = ParseConfig({})->fixed;
  EXPECT_EQ(ParseConfig({"--log-level", "debug"})->fixed, fixed);
  EXPECT_EQ(ParseConfig({"--read-only"})->fixed, fixed);
  EXPECT_NE(ParseConfig({"--toolsets", "postgres"})->fixed, fixed);
}

}  // namespace
}  // namespace howdah::server

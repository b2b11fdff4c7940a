#include "adapter/server/config.h"

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::adapter {
namespace {

using ::howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Config> Parse(std::vector<const char*> arguments,
                             const std::string& issuer = "") {
  arguments.insert(arguments.begin(), "howdah-mcp");
  return ParseConfig(static_cast<int>(arguments.size()), arguments.data(),
                     [issuer](absl::string_view name) {
                       return name == "OIDC_ISSUER" ? issuer : std::string();
                     });
}

TEST(ParseConfig, OthersAreLetInOnlyWithTokens) {
  for (const char* host : {"0.0.0.0", "::", "192.0.2.1"}) {
    EXPECT_THAT(
        Parse({"--transport", "http", "--host", host}),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("OIDC_ISSUER")))
        << host;
    EXPECT_OK(Parse({"--transport", "http", "--host", host},
                    "https://id.example.com"));
  }
  for (const char* host : {"127.0.0.1", "127.0.0.2", "::1", "localhost"}) {
    EXPECT_OK(Parse({"--transport", "http", "--host", host})) << host;
  }
}

TEST(ParseConfig, ABackendOfItsOwnGetsTheSameIssuer) {
  const auto config = Parse({"--transport", "http", "--oidc-audience", "a",
                             "--oidc-audience", "b", "--scopes"},
                            "https://id.example.com");
  ASSERT_OK(config);
  EXPECT_THAT(
      BackendFlags(config->authorization),
      ElementsAre("--oidc-issuer", "https://id.example.com", "--oidc-audience",
                  "a b", "--oidc-jwks-uri", "", "--oidc-scope", "",
                  "--dcr-proxy-url", "", "--scopes=default"));
}

TEST(ParseConfig, OverStdioNobodyHasAToken) {
  const auto config = Parse({}, "https://id.example.com");
  ASSERT_OK(config);
  EXPECT_THAT(
      BackendFlags(config->authorization),
      ElementsAre("--oidc-issuer", "", "--oidc-audience", "", "--oidc-jwks-uri",
                  "", "--oidc-scope", "", "--dcr-proxy-url", ""));
}

TEST(ParseConfig, DefaultsToStdioAndTheUsualBackend) {
  const auto config = Parse({});
  ASSERT_OK(config);
  EXPECT_FALSE(config->http);
  EXPECT_EQ(config->backend, "127.0.0.1:50051");
}

TEST(ParseConfig, ReadsEveryFlag) {
  const auto config =
      Parse({"--transport", "http", "--port=0", "--host", "::1",
             "--spawn-backend", "--local-data-dir", "/d", "--local-port", "0",
             "--announce", "--read-only", "--toolsets", "postgres",
             "--exit-with-parent", "--", "--context", "x"});
  ASSERT_OK(config);
  EXPECT_TRUE(config->http);
  EXPECT_EQ(config->port, 0);
  EXPECT_EQ(config->host, "::1");
  EXPECT_TRUE(config->spawn_backend);
  EXPECT_EQ(config->local_data_dir, "/d");
  EXPECT_EQ(config->local_port, 0);
  EXPECT_TRUE(config->announce && config->read_only &&
              config->exit_with_parent);
  EXPECT_THAT(config->toolsets, ElementsAre("postgres"));
  EXPECT_THAT(config->backend_arguments, ElementsAre("--context", "x"));
}

TEST(ParseConfig, RefusesWhatCannotBeMeant) {
  const auto refused = [](std::vector<const char*> arguments,
                          const char* says) {
    EXPECT_THAT(Parse(std::move(arguments)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(says)));
  };
  refused({"--transport", "carrier-pigeon"}, "give stdio or http");
  refused({"--backend", "a:1", "--spawn-backend"}, "exclude each other");
  refused({"--local-data-dir", "/d"}, "need --spawn-backend");
  refused({"--", "--context", "x"}, "need --spawn-backend");
  refused({"--prot", "1"}, "--prot");
  refused({"--port", "many"}, "many");
  refused({"stray"}, "--help");
  refused({"--tls-cert", "c"}, "--tls-key");
  refused({"--allowed-origin", "app.example"}, "scheme and host");
  refused({"--allowed-origin", "https://app.example/"}, "scheme and host");
  refused({"--rate-burst", "0"}, "--rate-burst");
  refused({"--max-sessions", "0"}, "--max-sessions");
}

class ConfigFile {
 public:
  explicit ConfigFile(const char* text)
      : path_(::testing::TempDir() + "/howdah-mcp.json") {
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::remove(path_.c_str()); }
  const char* path() const { return path_.c_str(); }

 private:
  const std::string path_;
};

TEST(ParseConfig, AFileSaysWhatFlagsDoNot) {
  const ConfigFile file(
      R"({"port": 7, "host": "127.0.0.2", "read-only": true,
          "transport": "http", "allowed-host": ["a", "b"],
          "allowed-origin": "https://app.example", "rate-limit": 2.5})");
  const auto config = Parse({"--port", "8", "--config", file.path()});
  ASSERT_OK(config);
  EXPECT_TRUE(config->http && config->read_only);
  EXPECT_EQ(config->port, 8);
  EXPECT_EQ(config->host, "127.0.0.2");
  EXPECT_THAT(config->http_only.allowed_hosts, ElementsAre("a", "b"));
  EXPECT_THAT(config->http_only.allowed_origins,
              ElementsAre("https://app.example"));
  EXPECT_EQ(config->http_only.rate_limit, 2.5);
  // A list replaces the file's.
  const auto other =
      Parse({"--allowed-host=c", "--allowed-host=d", "--config", file.path()});
  ASSERT_OK(other);
  EXPECT_THAT(other->http_only.allowed_hosts, ElementsAre("c", "d"));
}

TEST(ParseConfig, AWrongFileIsAnError) {
  for (const char* text :
       {"", "{\"prot\": 1}", "{\"port\": \"many\"}", "{\"config\": \"x\"}"}) {
    const ConfigFile file(text);
    EXPECT_THAT(Parse({"--config", file.path()}),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
  EXPECT_THAT(Parse({"--config", "/nowhere.json"}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ParseConfig, ShowsWhatAFileCanSay) {
  const auto config = Parse({"--print-config", "--port", "7", "--read-only"});
  ASSERT_OK(config);
  const ConfigFile file(config->print.c_str());
  const auto again = Parse({"--config", file.path()});
  ASSERT_OK(again);
  EXPECT_EQ(again->port, 7);
  EXPECT_TRUE(again->read_only);
}

TEST(ParseConfig, OnlyAccessAndLimitsChangeWithoutARestart) {
  const auto running = Parse({"--transport", "http"});
  const auto fresh =
      Parse({"--transport", "http", "--read-only", "--rate-limit", "5",
             "--allowed-host", "a", "--tls-cert", "c", "--tls-key", "k"});
  ASSERT_OK(fresh);
  EXPECT_FALSE(NeedsRestart(*running, *fresh));
  EXPECT_TRUE(
      NeedsRestart(*running, *Parse({"--transport", "http", "--port", "1"})));
}

TEST(HttpConfig, BeyondLoopbackThereIsARate) {
  mcp::DoorOptions options;
  Apply(HttpConfig(), /*open=*/false, options);
  EXPECT_EQ(options.rate.per_second, 0);
  Apply(HttpConfig(), /*open=*/true, options);
  EXPECT_EQ(options.rate.per_second, 100);
  HttpConfig config;
  config.rate_limit = 0;
  Apply(config, /*open=*/true, options);
  EXPECT_EQ(options.rate.per_second, 0);
}

TEST(HttpConfig, TheHostOfAUrl) {
  EXPECT_EQ(HostOfUrl("https://db.example:8443/mcp"), "db.example");
  EXPECT_EQ(HostOfUrl("https://db.example"), "db.example");
  EXPECT_EQ(HostOfUrl("http://[::1]:3000/mcp"), "[::1]");
  EXPECT_EQ(HostOfUrl("db.example"), "");
}

TEST(ParseConfig, HelpNamesTheFlags) {
  const auto config = Parse({"--help"});
  ASSERT_OK(config);
  EXPECT_THAT(config->print, HasSubstr("--spawn-backend"));
}

}  // namespace
}  // namespace howdah::adapter

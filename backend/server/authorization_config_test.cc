#include "backend/server/authorization_config.h"

#include <map>
#include <string>
#include <vector>

#include "backend/server/config.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::server {
namespace {

using howdah::testing::HasReason;
using ::testing::ElementsAre;

absl::StatusOr<Config> Parse(const std::vector<std::string>& arguments,
                             std::map<std::string, std::string> environment) {
  return ParseConfig(
      arguments, [environment = std::move(environment)](const char* name) {
        const auto found = environment.find(name);
        return found == environment.end() ? std::string() : found->second;
      });
}

const std::map<std::string, std::string>& Everything() {
  static const auto* const kVariables = new std::map<std::string, std::string>{
      {"OIDC_ISSUER", "https://id.example.com"},
      {"OIDC_AUDIENCE", "howdah, https://h.example/mcp"},
      {"OIDC_JWKS_URI", "https://id.example.com/keys"},
      {"OIDC_SCOPE", "openid db"},
      {"DCR_PROXY_URL", "https://dcr.example/register"}};
  return *kVariables;
}

TEST(AuthorizationConfigTest, NoIssuerNoTokens) {
  const auto config = Parse({}, {});
  ASSERT_OK(config);
  EXPECT_EQ(config->authorization.issuer, "");
}

TEST(AuthorizationConfigTest, TheEnvironmentIsRead) {
  const auto config = Parse({}, Everything());
  ASSERT_OK(config);
  const AuthorizationConfig& authorization = config->authorization;
  EXPECT_EQ(authorization.issuer, "https://id.example.com");
  EXPECT_THAT(authorization.audiences,
              ElementsAre("howdah", "https://h.example/mcp"));
  EXPECT_EQ(authorization.jwks_uri, "https://id.example.com/keys");
  EXPECT_THAT(authorization.required_scopes, ElementsAre("openid", "db"));
  EXPECT_EQ(authorization.registration_endpoint,
            "https://dcr.example/register");
  EXPECT_FALSE(authorization.enforce_scopes);
  EXPECT_FALSE(authorization.impersonation.on);
  EXPECT_EQ(authorization.username_claim, "sub");
  EXPECT_THAT(config->server.policy.base_scopes, ElementsAre("openid", "db"));
}

TEST(AuthorizationConfigTest, FlagsWin) {
  const auto config =
      Parse({"--oidc-issuer", "https://other.example", "--oidc-audience", "a",
             "--oidc-audience", "b c", "--scopes", "--impersonate",
             "--impersonate-prefix", "oidc:"},
            Everything());
  ASSERT_OK(config);
  EXPECT_EQ(config->authorization.issuer, "https://other.example");
  EXPECT_THAT(config->authorization.audiences, ElementsAre("a", "b", "c"));
  EXPECT_TRUE(config->authorization.enforce_scopes);
  EXPECT_EQ(config->server.policy.scope_names.write, "howdah:write");
  EXPECT_EQ(config->authorization.impersonation.prefix, "oidc:");
}

TEST(AuthorizationConfigTest, FailuresAreLimitedUnlessToldOtherwise) {
  EXPECT_EQ(Parse({}, Everything())->authorization.failure_rate, 100);
  EXPECT_EQ(
      Parse({"--failure-rate", "0"}, Everything())->authorization.failure_rate,
      0);
  for (const char* wrong : {"-1", "nan", "often"}) {
    EXPECT_THAT(Parse({"--failure-rate", wrong}, Everything()),
                HasReason("BAD_FLAG"))
        << wrong;
  }
}

TEST(AuthorizationConfigTest, AnEmptyFlagSwitchesTheEnvironmentOff) {
  const auto config =
      Parse({"--oidc-issuer", "", "--oidc-audience", "", "--oidc-jwks-uri", "",
             "--oidc-scope", "", "--dcr-proxy-url", ""},
            Everything());
  ASSERT_OK(config);
  EXPECT_EQ(config->authorization.issuer, "");
}

TEST(AuthorizationConfigTest, ScopesCanHaveOtherNames) {
  const auto config =
      Parse({"--scopes=read=db.read,write=api://1/db.write"}, Everything());
  ASSERT_OK(config);
  const auth::ScopeNames& names = config->server.policy.scope_names;
  EXPECT_EQ(names.read, "db.read");
  EXPECT_EQ(names.write, "api://1/db.write");
  EXPECT_EQ(names.admin, "howdah:admin");
}

TEST(AuthorizationConfigTest, WhatWouldOpenTheServerIsRefused) {
  const std::vector<
      std::pair<std::vector<std::string>, std::map<std::string, std::string>>>
      wrong = {
          // Every token of the issuer would do.
          {{"--oidc-issuer", "https://id.example.com"}, {}},
          // Somebody believes that tokens are asked for.
          {{"--oidc-audience", "a"}, {}},
          {{}, {{"OIDC_SCOPE", "db"}}},
          {{"--scopes"}, {}},
          {{"--impersonate"}, {}},
          // Anybody on the way could be the issuer.
          {{"--oidc-issuer", "http://id.example.com"}, Everything()},
          {{"--oidc-jwks-uri", "http://id.example.com/keys"}, Everything()},
          {{"--scopes=reads=x"}, Everything()},
          {{"--scopes=read="}, Everything()},
          {{"--oidc-username-claim", ""}, Everything()},
      };
  for (const auto& [arguments, environment] : wrong) {
    EXPECT_THAT(Parse(arguments, environment), HasReason("BAD_FLAG"))
        << ::testing::PrintToString(arguments);
  }
}

}  // namespace
}  // namespace howdah::server

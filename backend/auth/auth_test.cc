#include <string>
#include <vector>

#include "backend/auth/connection_authenticator.h"
#include "backend/auth/policy.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::auth {
namespace {

using howdah::testing::HasReason;
using howdah::testing::StatusIs;

struct TestCaller : public Caller {
  absl::string_view Metadata(absl::string_view key) const override {
    return key == "authorization" ? absl::string_view(authorization) : "";
  }
  std::string Peer() const override { return peer; }
  std::vector<std::string> CertificateNames() const override { return names; }

  std::string authorization;
  std::string peer = "unix:";
  std::vector<std::string> names;
};

TEST(ConnectionAuthenticatorTest, CallersOnThisMachineAreLocal) {
  ConnectionAuthenticator authenticator;
  TestCaller caller;
  for (const char* peer :
       {"unix:", "ipv4:127.0.0.1:4000", "ipv6:%5B::1%5D:9"}) {
    caller.peer = peer;
    const auto principal = *authenticator.FromMemory(caller);
    ASSERT_OK(principal);
    EXPECT_EQ(principal->name, "local") << peer;
  }
  caller.peer = "ipv4:192.0.2.7:4000";
  EXPECT_EQ((*authenticator.FromMemory(caller))->name, "anonymous");
}

TEST(ConnectionAuthenticatorTest, ClientCertificatesGiveTheName) {
  ConnectionAuthenticator authenticator({.certificates = true});
  TestCaller caller;
  caller.peer = "ipv4:192.0.2.7:4000";
  caller.names = {"deployer"};
  EXPECT_EQ((*authenticator.FromMemory(caller))->name, "deployer");
}

TEST(ConnectionAuthenticatorTest, TokensAreRefusedNotIgnored) {
  TestCaller caller;
  caller.authorization = "Bearer abc";
  const auto refused = *ConnectionAuthenticator().FromMemory(caller);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(refused, HasReason("TOKENS_NOT_ACCEPTED"));
}

mcp::v1::Method WithEffect(mcp::v1::Effect effect) {
  mcp::v1::Method facts;
  facts.set_effect(effect);
  return facts;
}

TEST(PolicyTest, ReadOnlyAllowsReadsAndNothingElse) {
  const Policy policy({.read_only = true});
  EXPECT_OK(policy.Authorise({}, "Get", WithEffect(mcp::v1::EFFECT_READ)));
  for (const auto effect :
       {mcp::v1::EFFECT_CREATE, mcp::v1::EFFECT_UPDATE, mcp::v1::EFFECT_DELETE,
        mcp::v1::EFFECT_EXECUTE, mcp::v1::EFFECT_UNSPECIFIED}) {
    EXPECT_THAT(policy.Authorise({}, "Do", WithEffect(effect)),
                HasReason("READ_ONLY"));
  }
}

bool May(const std::vector<std::string>& scopes, const mcp::v1::Method& facts) {
  Principal principal;
  principal.limited_to_scopes = true;
  principal.scopes = scopes;
  return Policy().Authorise(principal, "Do", facts).ok();
}

TEST(PolicyTest, EachEffectNeedsItsScopeAndHigherScopesIncludeLowerOnes) {
  const auto read = WithEffect(mcp::v1::EFFECT_READ);
  const auto create = WithEffect(mcp::v1::EFFECT_CREATE);
  const auto remove = WithEffect(mcp::v1::EFFECT_DELETE);
  const auto unknown = WithEffect(mcp::v1::EFFECT_UNSPECIFIED);
  auto destructive = create;
  destructive.set_destructive(true);
  auto reveal = read;
  reveal.add_scopes(mcp::v1::SCOPE_SECRETS);

  EXPECT_TRUE(Policy().Authorise({}, "Do", remove).ok());
  EXPECT_FALSE(May({}, read));
  EXPECT_FALSE(May({"openid", "howdah:reader"}, read));
  EXPECT_TRUE(May({"openid", "howdah:read"}, read));
  EXPECT_FALSE(May({"howdah:read"}, create));
  EXPECT_TRUE(May({"howdah:write"}, read));
  EXPECT_TRUE(May({"howdah:write"}, create));
  for (const auto& worst : {remove, unknown, destructive}) {
    EXPECT_FALSE(May({"howdah:write"}, worst));
    EXPECT_TRUE(May({"howdah:admin"}, worst));
  }
  EXPECT_TRUE(May({"howdah:admin"}, read));
  EXPECT_FALSE(May({"howdah:admin"}, reveal));
  EXPECT_FALSE(May({"howdah:secrets"}, read));
  EXPECT_TRUE(May({"howdah:secrets"}, reveal));
}

TEST(PolicyTest, ARefusalNamesAllScopesThatTheCallNeeds) {
  const Policy policy({.scope_names = {.write = "api://howdah/change"},
                       .base_scopes = {"openid"}});
  Principal principal;
  principal.limited_to_scopes = true;
  principal.scopes = {"howdah:write"};
  const absl::Status refused =
      policy.Authorise(principal, "Do", WithEffect(mcp::v1::EFFECT_CREATE));
  EXPECT_THAT(refused, HasReason("SCOPE_MISSING"));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(support::GetDetail(refused, info));
  EXPECT_EQ(info.metadata().at("scope"), "openid api://howdah/change");
}

TEST(PolicyTest, ATokenMayNameAScopeWithoutItsResource) {
  const Policy policy({.scope_names = {.read = "api://1/howdah.read"}});
  Principal principal;
  principal.limited_to_scopes = true;
  const auto read = WithEffect(mcp::v1::EFFECT_READ);
  principal.scopes = {"howdah.read"};
  EXPECT_OK(policy.Authorise(principal, "Get", read));
  principal.scopes = {"read", "1/howdah.read", ""};
  EXPECT_THAT(policy.Authorise(principal, "Get", read),
              HasReason("SCOPE_MISSING"));
}

TEST(PolicyTest, WhatNeedsNoScopeNeedsNone) {
  auto anyone = WithEffect(mcp::v1::EFFECT_READ);
  anyone.set_access(mcp::v1::ACCESS_AUTHENTICATED);
  EXPECT_TRUE(May({}, anyone));
}

}  // namespace
}  // namespace howdah::auth

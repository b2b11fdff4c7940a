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
  const ConnectionAuthenticator authenticator;
  TestCaller caller;
  for (const char* peer :
       {"unix:", "ipv4:127.0.0.1:4000", "ipv6:%5B::1%5D:9"}) {
    caller.peer = peer;
    const auto principal = authenticator.Authenticate(caller);
    ASSERT_OK(principal);
    EXPECT_EQ(principal->name, "local") << peer;
  }
  caller.peer = "ipv4:192.0.2.7:4000";
  EXPECT_EQ(authenticator.Authenticate(caller)->name, "anonymous");
}

TEST(ConnectionAuthenticatorTest, ClientCertificatesGiveTheName) {
  const ConnectionAuthenticator authenticator({.certificates = true});
  TestCaller caller;
  caller.peer = "ipv4:192.0.2.7:4000";
  caller.names = {"deployer"};
  EXPECT_EQ(authenticator.Authenticate(caller)->name, "deployer");
}

TEST(ConnectionAuthenticatorTest, TokensAreRefusedNotIgnored) {
  TestCaller caller;
  caller.authorization = "Bearer abc";
  const auto refused = ConnectionAuthenticator().Authenticate(caller);
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

TEST(PolicyTest, ScopesNarrowTokensOnly) {
  const Policy policy;
  Principal principal;
  const auto create = WithEffect(mcp::v1::EFFECT_CREATE);
  EXPECT_OK(policy.Authorise(principal, "Create", create));
  principal.limited_to_scopes = true;
  EXPECT_THAT(policy.Authorise(principal, "Create", create),
              HasReason("SCOPE_MISSING"));
  principal.scopes = {"howdah:write"};
  EXPECT_OK(policy.Authorise(principal, "Create", create));
  auto special = create;
  special.add_scopes("howdah:reveal");
  EXPECT_THAT(policy.Authorise(principal, "Reveal", special),
              HasReason("SCOPE_MISSING"));
}

}  // namespace
}  // namespace howdah::auth

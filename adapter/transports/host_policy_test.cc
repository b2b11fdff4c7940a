#include "adapter/transports/host_policy.h"

#include "gtest/gtest.h"

namespace howdah::transports {
namespace {

TEST(HostPolicyTest, ALoopbackBindKnowsLoopbackNamesOnly) {
  HostPolicy policy("127.0.0.1", {});
  for (const char* good :
       {"localhost", "LOCALHOST:80", "127.0.0.1:3000", "[::1]:3000", "[::1]"}) {
    EXPECT_TRUE(policy.Allows(good, "")) << good;
  }
  for (const char* bad :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
        "localhost:80@evil.example", "localhost:x", "[::1", "[::1]x",
        "127.0.0.2", "user@localhost"}) {
    EXPECT_FALSE(policy.Allows(bad, "")) << bad;
  }
}

TEST(HostPolicyTest, AnOriginMustBeKnownToo) {
  HostPolicy policy("127.0.0.1", {"app.example"});
  for (const char* good : {"", "http://localhost", "http://127.0.0.1:6274",
                           "https://app.example"}) {
    EXPECT_TRUE(policy.Allows("localhost", good)) << good;
  }
  for (const char* bad :
       {"null", "http://evil.example", "localhost", "file://localhost",
        "http://", "https://app.example/", "http://localhost.evil.example"}) {
    EXPECT_FALSE(policy.Allows("localhost", bad)) << bad;
  }
}

TEST(HostPolicyTest, AnOpenBindAsksForTheSameOrigin) {
  HostPolicy policy("0.0.0.0", {});
  EXPECT_TRUE(policy.Allows("db.example:3000", ""));
  EXPECT_TRUE(policy.Allows("db.example:3000", "https://db.example"));
  EXPECT_FALSE(policy.Allows("db.example:3000", "https://evil.example"));
  EXPECT_FALSE(policy.Allows("db.example:3000", "null"));
}

TEST(HostPolicyTest, AnOpenBindWithNamesKnowsTheseOnly) {
  HostPolicy policy("0.0.0.0", {"db.example"});
  EXPECT_TRUE(policy.Allows("DB.example", "https://db.example:8443"));
  EXPECT_FALSE(policy.Allows("other.example", ""));
}

TEST(HostPolicyTest, OnlyNamedOriginsMayRead) {
  HostPolicy policy("127.0.0.1", {}, {"https://app.example:8443"});
  EXPECT_TRUE(policy.Allows("localhost", "https://APP.example:8443"));
  EXPECT_TRUE(policy.MayRead("https://app.example:8443"));
  // The named host, but another scheme or port.
  EXPECT_FALSE(policy.Allows("localhost", "http://app.example:8443"));
  EXPECT_FALSE(policy.Allows("localhost", "https://app.example"));
  // May call, as it always could, but not read.
  EXPECT_TRUE(policy.Allows("localhost", "http://localhost:6274"));
  EXPECT_FALSE(policy.MayRead("http://localhost:6274"));
  EXPECT_FALSE(policy.MayRead(""));
}

}  // namespace
}  // namespace howdah::transports

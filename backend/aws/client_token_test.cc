#include "backend/aws/client_token.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::aws {
namespace {

using ::testing::MatchesRegex;

TEST(ClientToken, AUuidIsTheTokenItself) {
  EXPECT_EQ(ClientToken("ada", "5D0C6F5E-0000-4000-8000-00000000000A"),
            "5d0c6f5e-0000-4000-8000-00000000000a");
}

TEST(ClientToken, AnyOtherIdBecomesTheSameUuidEachTime) {
  const std::string token = ClientToken("ada", "order-4711");
  EXPECT_THAT(token, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-"
                                  "[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(ClientToken("ada", "order-4711"), token);
  EXPECT_NE(ClientToken("ada", "order-4712"), token);
  EXPECT_NE(ClientToken("bob", "order-4711"), token);
  EXPECT_NE(ClientToken("a", "b/1"), ClientToken("a/b", "1"));
}

}  // namespace
}  // namespace howdah::aws

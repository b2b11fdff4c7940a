#include "adapter/catalogue/uri_template.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::catalogue {
namespace {

using ::testing::ElementsAre;

const UriTemplate kRoles("howdah://clusters/{namespace}/{cluster_name}/roles");

TEST(UriTemplateTest, FindsItsVariables) {
  EXPECT_THAT(kRoles.variables(), ElementsAre("namespace", "cluster_name"));
  EXPECT_EQ(kRoles.Match("howdah://clusters/default/orders/roles"),
            (UriValues{{"namespace", "default"}, {"cluster_name", "orders"}}));
}

TEST(UriTemplateTest, MatchesNothingElse) {
  for (const char* uri :
       {"howdah://clusters/default/orders", "howdah://clusters/default/roles",
        "howdah://clusters/default/orders/roles/",
        "howdah://clusters/default/orders/roles?x=1",
        "howdah://clusters//orders/roles", "howdah://clusters/a/b/c/roles",
        "howdah://clusters/default/a%2/roles", "howdah://clusters/a/b?c/roles",
        "", "howdah://clusters/default/%zz/roles"}) {
    EXPECT_FALSE(kRoles.Match(uri).has_value()) << uri;
  }
}

TEST(UriTemplateTest, WhatIsExpandedIsMatchedAgain) {
  const UriValues values = {{"namespace", "a/b?c#d%"},
                            {"cluster_name", "Äpfel und Birnen"}};
  const std::string uri = kRoles.Expand(values);
  EXPECT_EQ(uri,
            "howdah://clusters/a%2Fb%3Fc%23d%25/%C3%84pfel%20und%20Birnen/"
            "roles");
  EXPECT_EQ(kRoles.Match(uri), values);
}

TEST(UriTemplateTest, WithoutVariablesItIsOneUri) {
  const UriTemplate fleet("howdah://clusters");
  EXPECT_TRUE(fleet.variables().empty());
  EXPECT_TRUE(fleet.Match("howdah://clusters").has_value());
  EXPECT_FALSE(fleet.Match("howdah://clusters/a").has_value());
}

}  // namespace
}  // namespace howdah::catalogue

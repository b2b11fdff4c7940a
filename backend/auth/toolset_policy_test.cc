#include "backend/auth/toolset_policy.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::auth {
namespace {

using howdah::testing::HasReason;
using ::testing::ElementsAre;

TEST(ToolsetPolicyTest, WithoutAChoiceThoseAreOnThatAreByDefault) {
  const ToolsetPolicy policy({}, {"postgres", "aiven"});
  EXPECT_OK(policy.Authorise("Get", "postgres", ""));
  EXPECT_OK(policy.Authorise("Get", "postgres", "aws,all"));
  EXPECT_THAT(policy.Authorise("Run", "aws", ""), HasReason("TOOLSET_OFF"));
  EXPECT_THAT(policy.Authorise("Run", "aws", "aws"), HasReason("TOOLSET_OFF"));
}

TEST(ToolsetPolicyTest, AllAreOnWhereAllAreAskedFor) {
  const ToolsetPolicy policy({"all"}, {"postgres"});
  EXPECT_OK(policy.Authorise("Run", "aws", ""));
  EXPECT_OK(policy.Authorise("Run", "aws", "all"));
  EXPECT_THAT(policy.Authorise("Run", "aws", "aiven"),
              HasReason("TOOLSET_OFF"));
}

TEST(ToolsetPolicyTest, ServerAndCallerCanEachOnlyNarrow) {
  const ToolsetPolicy policy({"postgres", "aiven"}, {"postgres"});
  EXPECT_OK(policy.Authorise("Get", "postgres", ""));
  EXPECT_OK(policy.Authorise("Get", "postgres", "postgres"));
  EXPECT_THAT(policy.Authorise("Get", "postgres", "aiven"),
              HasReason("TOOLSET_OFF"));
  EXPECT_THAT(policy.Authorise("Run", "aws", "aws"), HasReason("TOOLSET_OFF"));
  EXPECT_THAT(policy.Authorise("Run", "aws", "all"), HasReason("TOOLSET_OFF"));
}

TEST(ToolsetPolicyTest, WhatBelongsToNoToolsetIsAlwaysOn) {
  EXPECT_OK(ToolsetPolicy({"aws"}, {}).Authorise("GetOperation", "", "aiven"));
}

TEST(ToolsetPolicyTest, ASlipOfTheOperatorIsRefused) {
  EXPECT_OK(ToolsetPolicy({"aws"}, {}).CheckKnown({"postgres", "aws"}));
  EXPECT_THAT(ToolsetPolicy({"awss"}, {}).CheckKnown({"postgres", "aws"}),
              HasReason("UNKNOWN_TOOLSET"));
}

TEST(SplitToolsetsTest, AllMeansAll) {
  EXPECT_THAT(SplitToolsets(" a,, b "), ElementsAre("a", "b"));
  EXPECT_THAT(SplitToolsets("a,all"), ElementsAre("all"));
}

}  // namespace
}  // namespace howdah::auth

#include "backend/aws/policy.h"

#include <string>

#include "backend/aws/debian_index.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::aws {
namespace {

using howdah::testing::HasReason;
using howdah::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::StartsWith;

absl::StatusOr<Decision> Decide(const Policy& policy, Tool tool,
                                const std::string& command,
                                const Target& target = {}) {
  const auto parsed = ParseCommand(DebianIndex(), {.command = command});
  EXPECT_THAT(parsed, IsOk()) << command;
  if (!parsed.ok()) return parsed.status();
  return policy.Decide(tool, *parsed, Classify(*parsed), target);
}

Policy Of(const std::string& text) {
  const auto policy = Policy::Parse(text, "aws.yaml");
  EXPECT_THAT(policy, IsOk());
  return policy.ok() ? *policy : Policy();
}

TEST(Policy, WithoutRulesReadsRunAndWritesGoToTheirTool) {
  const Policy policy;
  const auto read = Decide(policy, Tool::kRead, "ec2 describe-instances");
  ASSERT_THAT(read, IsOk());
  EXPECT_FALSE(read->needs_confirmation);
  const auto refused =
      Decide(policy, Tool::kRead, "ec2 create-vpc --cidr-block 10.0.0.0/16");
  EXPECT_THAT(refused, HasReason("NOT_A_READ"));
  EXPECT_THAT(refused.status().message(),
              HasSubstr("execute_aws_write_command"));
  const auto write =
      Decide(policy, Tool::kWrite, "ec2 create-vpc --cidr-block 10.0.0.0/16");
  ASSERT_THAT(write, IsOk());
  EXPECT_FALSE(write->needs_confirmation);
  EXPECT_THAT(Decide(policy, Tool::kWrite, "ec2 describe-instances"), IsOk());
}

TEST(Policy, DestructionAndExecutionNeedConfirmation) {
  const Policy policy;
  for (const char* command : {"ec2 terminate-instances --instance-ids i-1",
                              "lambda invoke --function-name f out"}) {
    const auto decision = Decide(policy, Tool::kWrite, command);
    ASSERT_THAT(decision, IsOk()) << command;
    EXPECT_TRUE(decision->needs_confirmation) << command;
  }
  // What a statement returns is somebody's rows.
  EXPECT_THAT(
      Decide(policy, Tool::kWrite, "dynamodb execute-statement --statement s"),
      HasReason("DATA_NOT_ALLOWED"));
}

TEST(Policy, TheForbiddenIsRefusedByEveryTool) {
  const Policy policy =
      Of("version: 1\n"
         "rules:\n"
         "  - {name: all, effect: allow, reveal: [secrets, data]}\n");
  for (const Tool tool : {Tool::kRead, Tool::kWrite}) {
    EXPECT_THAT(Decide(policy, tool, "configure get aws_secret_access_key"),
                HasReason("COMMAND_FORBIDDEN"));
  }
  EXPECT_THAT(Decide(policy, Tool::kRead, "s3 rb s3://b"),
              HasReason("NOT_A_READ"));
}

TEST(Policy, SecretsAndDataNeedARuleThatRevealsThem) {
  const std::string secret = "secretsmanager get-secret-value --secret-id s";
  const std::string data = "dynamodb scan --table-name tab";
  EXPECT_THAT(Decide(Policy(), Tool::kRead, secret),
              HasReason("SECRETS_NOT_ALLOWED"));
  EXPECT_THAT(Decide(Policy(), Tool::kWrite, secret),
              HasReason("SECRETS_NOT_ALLOWED"));
  EXPECT_THAT(Decide(Policy(), Tool::kRead, data),
              HasReason("DATA_NOT_ALLOWED"));
  const Policy policy =
      Of("version: 1\n"
         "rules:\n"
         "  - name: one-secret\n"
         "    effect: allow\n"
         "    commands: [secretsmanager get-secret-value]\n"
         "    profiles: [app]\n"
         "    reveal: [secrets]\n"
         "  - {name: rows, effect: allow, services: [dynamodb], "
         "reveal: [data]}\n");
  const auto decision = Decide(policy, Tool::kRead, secret, {.profile = "app"});
  ASSERT_THAT(decision, IsOk());
  EXPECT_EQ(decision->rule, "one-secret");
  EXPECT_THAT(Decide(policy, Tool::kRead, secret),
              HasReason("SECRETS_NOT_ALLOWED"));
  EXPECT_THAT(Decide(policy, Tool::kRead, data), IsOk());
}

TEST(Policy, TheFirstRuleThatMatchesDecides) {
  const Policy policy =
      Of("version: 1\n"
         "otherwise: deny\n"
         "rules:\n"
         "  - {name: no-iam, effect: deny, services: [iam], "
         "classes: [WRITE, DESTRUCTIVE]}\n"
         "  - {name: ask, effect: confirm, flags: [COSTS]}\n"
         "  - {name: prod-is-read-only, effect: deny, profiles: ['prod-*'], "
         "classes: [WRITE, DESTRUCTIVE, EXECUTE]}\n"
         "  - {name: rest, effect: allow, services: [iam, ec2]}\n");
  EXPECT_THAT(Decide(policy, Tool::kRead, "iam list-users"), IsOk());
  const auto denied =
      Decide(policy, Tool::kWrite, "iam create-user --user-name u");
  EXPECT_THAT(denied, HasReason("POLICY_DENIED"));
  EXPECT_THAT(denied.status().message(), HasSubstr("no-iam"));
  const auto asked =
      Decide(policy, Tool::kWrite, "ec2 run-instances --image-id i");
  ASSERT_THAT(asked, IsOk());
  EXPECT_TRUE(asked->needs_confirmation);
  const std::string vpc = "ec2 create-vpc --cidr-block 10.0.0.0/16";
  EXPECT_THAT(Decide(policy, Tool::kWrite, vpc, {.profile = "prod-1"}),
              HasReason("POLICY_DENIED"));
  EXPECT_THAT(Decide(policy, Tool::kWrite, vpc, {.profile = "dev"}), IsOk());
  EXPECT_THAT(Decide(policy, Tool::kRead, "s3api list-buckets"),
              HasReason("POLICY_DENIED"));
}

TEST(Policy, LimitsProfilesAndRegions) {
  const Policy policy =
      Of("version: 1\nprofiles: [default, 'team-*']\nregions: ['eu-*']\n");
  const std::string read = "ec2 describe-vpcs";
  EXPECT_THAT(Decide(policy, Tool::kRead, read, {"", "eu-west-1"}), IsOk());
  EXPECT_THAT(Decide(policy, Tool::kRead, read, {"team-a", "eu-west-1"}),
              IsOk());
  EXPECT_THAT(Decide(policy, Tool::kRead, read, {"team", "eu-west-1"}),
              HasReason("PROFILE_NOT_ALLOWED"));
  EXPECT_THAT(Decide(policy, Tool::kRead, read, {"", "us-east-1"}),
              HasReason("REGION_NOT_ALLOWED"));
  EXPECT_THAT(Decide(policy, Tool::kRead, read, {"", ""}),
              HasReason("REGION_NOT_ALLOWED"));
  EXPECT_THAT(Decide(policy, Tool::kWrite,
                     "ec2 copy-snapshot --source-snapshot-id s "
                     "--source-region us-east-1",
                     {"", "eu-west-1"}),
              HasReason("REGION_NOT_ALLOWED"));
  EXPECT_TRUE(policy.AllowsProfile({}, ""));
  EXPECT_FALSE(policy.AllowsProfile({}, "other"));
}

TEST(Policy, GivesEachCallerItsProfilesAndRegions) {
  const Policy policy =
      Of("version: 1\n"
         "profiles: [default, build, prod]\n"
         "callers:\n"
         "  - {names: ['ci-*'], profiles: [build], regions: [eu-west-1]}\n"
         "  - {groups: [operators]}\n");
  const std::string read = "ec2 describe-vpcs";
  const Caller ci{.name = "ci-1"};
  const Caller ada{.name = "ada", .groups = {"staff", "operators"}};
  EXPECT_THAT(Decide(policy, Tool::kRead, read, {"build", "eu-west-1", ci}),
              IsOk());
  EXPECT_THAT(Decide(policy, Tool::kRead, read, {"prod", "eu-west-1", ci}),
              HasReason("PROFILE_NOT_ALLOWED"));
  EXPECT_THAT(Decide(policy, Tool::kRead, read, {"build", "us-east-1", ci}),
              HasReason("REGION_NOT_ALLOWED"));
  EXPECT_THAT(Decide(policy, Tool::kRead, read, {"prod", "any", ada}), IsOk());
  EXPECT_THAT(Decide(policy, Tool::kRead, read, {"lab", "any", ada}),
              HasReason("PROFILE_NOT_ALLOWED"))
      << "no more than all may";
  EXPECT_THAT(Decide(policy, Tool::kRead, read,
                     {"build", "eu-west-1", {.name = "eve"}}),
              HasReason("PROFILE_NOT_ALLOWED"))
      << "nobody names her";
}

TEST(PolicyFile, IsRefusedWithTheExactPlace) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "aws.yaml:1:1: "},
      {"rules: []\n", "aws.yaml:1:1: \"version: 1\" is needed"},
      {"version: 2\n", "aws.yaml:1:10: "},
      {"version: 1\nrule: []\n", "aws.yaml:2:1: unknown key \"rule\"; did you"},
      {"version: 1\nversion: 1\n", "aws.yaml:2:1: \"version\" is there twice"},
      {"version: 1\nprofiles: []\n", "aws.yaml:2:11: this has to be a list"},
      {"version: 1\nprofiles: prod\n", "aws.yaml:2:11: "},
      {"version: 1\nregions: [[a]]\n", "aws.yaml:2:11: "},
      {"version: 1\nregions: ['eu-?']\n", "aws.yaml:2:11: a pattern has"},
      {"version: 1\notherwise: maybe\n",
       "aws.yaml:2:12: this has to be one of allow, confirm, deny"},
      {"version: 1\nrules:\n  - effect: deny\n",
       "aws.yaml:3:5: a rule needs a"},
      {"version: 1\nrules:\n  - name: a\n", "aws.yaml:3:5: a rule needs an"},
      {"version: 1\nrules:\n  - name: a\n    effect: block\n",
       "aws.yaml:4:13: "},
      {"version: 1\nrules:\n  - name: a\n    effect: deny\n    classes: "
       "[read]\n",
       "aws.yaml:5:15: this has to be one of READ, WRITE"},
      {"version: 1\nrules:\n  - name: a\n    effect: deny\n"
       "    reveal: [secrets]\n",
       "aws.yaml:5:13: a rule that denies cannot reveal"},
      {"version: 1\nrules:\n  - {name: a, effect: deny}\n"
       "  - {name: a, effect: allow}\n",
       "aws.yaml:4:5: a rule before is named \"a\" too"},
      {"version: 1\ncallers: []\n", "aws.yaml:2:10: "},
      {"version: 1\ncallers:\n  - profiles: [a]\n",
       "aws.yaml:3:5: callers have names or groups"},
      {"version: 1\ncallers:\n  - name: a\n",
       "aws.yaml:3:5: unknown key \"name\"; did you mean \"names\"?"},
      {"version: 1\nrules: [\n", "aws.yaml:3:1: "},
      {"version: 1\n---\nversion: 1\n", "aws.yaml:1:1: "},
      {"- version: 1\n", "aws.yaml:1:1: "},
  };
  for (const auto& [text, message] : wrong) {
    const auto policy = Policy::Parse(text, "aws.yaml");
    EXPECT_THAT(policy, HasReason("POLICY_INVALID")) << text;
    EXPECT_THAT(std::string(policy.status().message()), StartsWith(message))
        << text;
  }
  EXPECT_THAT(Policy::Load("/nowhere/aws.yaml"), HasReason("POLICY_INVALID"));
  EXPECT_THAT(Policy::Parse("version: 1\n", "aws.yaml"), IsOk());
}

}  // namespace
}  // namespace howdah::aws

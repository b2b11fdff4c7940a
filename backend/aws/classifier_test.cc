#include "backend/aws/classifier.h"

#include <string>

#include "backend/aws/debian_index.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::aws {
namespace {

using howdah::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Classification Of(const std::string& command) {
  const auto parsed = ParseCommand(DebianIndex(), {.command = command});
  EXPECT_THAT(parsed, IsOk()) << command;
  return parsed.ok() ? Classify(*parsed) : Classification{};
}

CommandClass ClassOf(const std::string& command) {
  return Of(command).command_class;
}

TEST(Classify, ProvesReadsByTheirVerb) {
  const Classification what = Of("ec2 describe-instances");
  EXPECT_EQ(what.command_class, CommandClass::kRead);
  EXPECT_EQ(what.rule, "read-verb");
  EXPECT_THAT(what.reason, HasSubstr("its result is paged"));
  EXPECT_EQ(what.effect, "Reads by DescribeInstances of ec2; changes nothing.");
  EXPECT_EQ(what.flags & ~kSensitiveFields, 0u);
  EXPECT_EQ(ClassOf("s3api head-object --bucket b --key k"),
            CommandClass::kRead);
  EXPECT_EQ(ClassOf("sts get-caller-identity"), CommandClass::kRead);
}

TEST(Classify, TakesTheUnknownForAWrite) {
  const Classification what =
      Of("logs start-query --log-group-name g "
         "--start-time 0 --end-time 1 "
         "--query-string x");
  EXPECT_EQ(what.command_class, CommandClass::kWrite);
  EXPECT_EQ(what.rule, "unknown-is-write");
  EXPECT_EQ(Of("lambda add-permission --function-name f --statement-id s "
               "--action a --principal p")
                .command_class,
            CommandClass::kWrite);
}

TEST(Classify, KnowsWhatDestroys) {
  for (const char* command :
       {"ec2 terminate-instances --instance-ids i-1",
        "ec2 stop-instances --instance-ids i-1",
        "ec2 reboot-instances --instance-ids i-1",
        "s3api delete-bucket --bucket b",
        ("iam detach-role-policy --role-name r --policy-arn "
         "12345678901234567890"),
        "rds delete-db-instance --db-instance-identifier d",
        "kms schedule-key-deletion --key-id k", "sqs purge-queue --queue-url q",
        "cloudformation execute-change-set --change-set-name c",
        "ecr batch-delete-image --repository-name r --image-ids imageTag=x",
        "s3 rm s3://b/k", "s3 rb s3://b", "s3 mv s3://b/k s3://b/l",
        "s3 sync s3://a s3://b --delete"}) {
    EXPECT_EQ(ClassOf(command), CommandClass::kDestructive) << command;
  }
  EXPECT_EQ(ClassOf("s3 sync s3://a s3://b"), CommandClass::kWrite);
  EXPECT_EQ(ClassOf("lambda untag-resource --resource r --tag-keys k"),
            CommandClass::kWrite);
}

TEST(Classify, KnowsWhatRunsSomething) {
  for (const char* command :
       {"lambda invoke --function-name f out",
        "stepfunctions start-execution --state-machine-arn a",
        "ssm send-command --document-name d", "ssm start-session --target i-1",
        "ecs execute-command --command sh --interactive --task t",
        "rds-data execute-statement --resource-arn r --secret-arn s --sql x",
        "athena start-query-execution --query-string q",
        "dynamodb execute-statement --statement s",
        "redshift-data execute-statement --sql s --database d",
        "timestream-query query --query-string q"}) {
    const Classification what = Of(command);
    EXPECT_EQ(what.command_class, CommandClass::kExecute) << command;
    EXPECT_TRUE(what.Has(kExecutesCode)) << command;
  }
}

TEST(Classify, S3CopiesGoByTheirDirection) {
  EXPECT_EQ(ClassOf("s3 ls"), CommandClass::kRead);
  EXPECT_EQ(ClassOf("s3 ls s3://b --recursive"), CommandClass::kRead);
  EXPECT_EQ(ClassOf("s3 cp s3://a/k s3://b/k"), CommandClass::kWrite);
  EXPECT_EQ(ClassOf("s3 mb s3://b"), CommandClass::kWrite);
  EXPECT_EQ(ClassOf("s3 website s3://b"), CommandClass::kWrite);
  const Classification out = Of("s3 cp s3://b/k -");
  EXPECT_EQ(out.command_class, CommandClass::kRead);
  EXPECT_TRUE(out.Has(kReturnsData));
  EXPECT_FALSE(out.Has(kLocalFile));
  EXPECT_TRUE(Of("s3 cp s3://b/k file").Has(kLocalFile));
  EXPECT_TRUE(Of("s3 presign s3://b/k").Has(kReturnsSecret));
}

TEST(Classify, DryRunsStayWhatTheyAre) {
  const Classification read = Of("ec2 describe-instances --dry-run");
  EXPECT_EQ(read.command_class, CommandClass::kRead);
  const Classification write =
      Of("ec2 terminate-instances --instance-ids i-1 --dry-run");
  EXPECT_EQ(write.command_class, CommandClass::kDestructive);
  EXPECT_TRUE(write.Has(kPreview));
  EXPECT_FALSE(Of("ec2 terminate-instances --instance-ids i-1 --no-dry-run")
                   .Has(kPreview));
}

TEST(Classify, FlagsWhatReturnsSecrets) {
  for (const char* command :
       {"sts get-session-token",
        "sts get-federation-token --name n12",
        ("sts assume-role --role-arn 12345678901234567890 "
         "--role-session-name n12"),
        ("sso get-role-credentials --role-name r --account-id a "
         "--access-token t"),
        "cognito-identity get-credentials-for-identity --identity-id i",
        ("lakeformation get-temporary-glue-table-credentials --table-arn t "
         "--supported-permission-types COLUMN_PERMISSION"),
        "redshift get-cluster-credentials --db-user u --cluster-identifier c",
        "secretsmanager get-secret-value --secret-id s",
        "kms decrypt --ciphertext-blob b",
        "kms generate-data-key --key-id k",
        "ec2 get-password-data --instance-id i-1",
        "acm export-certificate --certificate-arn a --passphrase p",
        ("lightsail get-relational-database-master-user-password "
         "--relational-database-name d"),
        "ecr get-login-password",
        "ecr get-authorization-token",
        "eks get-token --cluster-name c",
        "codeartifact get-authorization-token --domain d",
        "rds generate-db-auth-token --hostname h --port 1 --username u",
        "iam create-access-key",
        "ec2 create-key-pair --key-name k",
        "gamelift get-compute-auth-token --fleet-id f --compute-name c",
        "ssm get-parameter --name n --with-decryption",
        "ssm get-parameters-by-path --path / --with-decryption",
        ("ssm get-parameter --cli-input-json "
         "'{\"Name\":\"n\",\"WithDecryption\":true}'"),
        "apigateway get-api-keys --include-values",
        "apigateway get-api-key --api-key k --include-value"}) {
    EXPECT_TRUE(Of(command).Has(kReturnsSecret)) << command;
  }
  for (const char* command :
       {"ssm get-parameter --name n",
        "ssm get-parameter --name n --no-with-decryption",
        ("ssm get-parameter --cli-input-json "
         "'{\"Name\":\"n\",\"WithDecryption\":false}'"),
        "apigateway get-api-keys", "iam list-access-keys",
        "iam get-account-password-policy", "secretsmanager list-secrets",
        "secretsmanager describe-secret --secret-id s",
        "kms describe-key --key-id k", "ec2 describe-key-pairs",
        "iam list-service-specific-credentials"}) {
    EXPECT_FALSE(Of(command).Has(kReturnsSecret)) << command;
    EXPECT_EQ(ClassOf(command), CommandClass::kRead) << command;
  }
}

// Operations that Debian's CLI does not have yet.
TEST(Classify, KnowsOperationsOfNewerClis) {
  Command command{.service = "emr-containers",
                  .path = {"get-managed-endpoint-session-credentials"},
                  .api_service = "emr-containers",
                  .operation = "GetManagedEndpointSessionCredentials",
                  .http_method = "POST",
                  .handler = "ServiceOperation"};
  EXPECT_TRUE(ClassifyCommand(command).Has(kReturnsSecret));
  command.operation = "StopQueryWorkloadInsightsTopContributors";
  command.http_method = "DELETE";
  command.has_readonly_trait = true;  // a mistake of the model
  EXPECT_EQ(ClassifyCommand(command).command_class, CommandClass::kDestructive);
  command.operation = "StartViewerSessionRevocation";
  command.http_method = "POST";
  EXPECT_EQ(ClassifyCommand(command).command_class, CommandClass::kDestructive);
  command.operation = "CreateSomething";
  EXPECT_EQ(ClassifyCommand(command).command_class, CommandClass::kWrite);
  command.operation = "GetSomething";
  EXPECT_EQ(ClassifyCommand(command).command_class, CommandClass::kRead);
  command.handler = "SomethingOfTheCli";
  EXPECT_EQ(ClassifyCommand(command).rule, "handler-unknown");
  command.handler = "ServiceOperation";
  command.has_idempotency_token = true;
  EXPECT_EQ(ClassifyCommand(command).rule, "idempotency-token");
  command.operation = "Getaway";
  command.has_idempotency_token = false;
  EXPECT_EQ(ClassifyCommand(command).rule, "unknown-is-write");
}

// Secrets hide in what these return; that is for the redaction of values.
TEST(Classify, OrdinaryReadsStayReads) {
  for (const char* command :
       {"lambda get-function --function-name f", "iam get-credential-report",
        ("ec2 describe-instance-attribute --instance-id i-1 --attribute "
         "userData"),
        "ecs describe-task-definition --task-definition t",
        "codebuild batch-get-projects --names n",
        "cloudformation get-template --stack-name s",
        "logs get-log-events --log-stream-name s", "iam list-access-keys",
        "cloudformation validate-template --template-body x",
        ("iam simulate-principal-policy --policy-source-arn "
         "12345678901234567890 --action-names s3:GetObject")}) {
    const Classification what = Of(command);
    EXPECT_EQ(what.command_class, CommandClass::kRead) << command;
    EXPECT_FALSE(what.Has(kReturnsSecret | kReturnsData)) << command;
  }
}

TEST(Classify, ReadsByNameThatChangeSomethingAreWrites) {
  for (const char* command :
       {"cognito-identity get-id --identity-pool-id i",
        "stepfunctions get-activity-task --activity-arn a",
        "sqs receive-message --queue-url q",
        "swf poll-for-decision-task --domain d --task-list name=x",
        ("codepipeline poll-for-jobs --action-type-id "
         "category=Build,owner=AWS,provider=p,version=1"),
        "appconfigdata get-latest-configuration --configuration-token t out",
        "iam generate-credential-report",
        ("iam generate-service-last-accessed-details "
         "--arn 12345678901234567890")}) {
    EXPECT_EQ(ClassOf(command), CommandClass::kWrite) << command;
  }
}

TEST(Classify, NeverRunsWhatTouchesThisMachine) {
  for (const char* command :
       {"configure list",
        "configure get aws_secret_access_key",
        "configure set region x",
        "configure export-credentials",
        "history show",
        "history list",
        "sso login",
        "sso logout",
        "ddb select t",
        "lambda wizard new-function",
        "cli-dev wizard-dev",
        "codeartifact login --tool pip --domain d --repository r",
        "codecommit credential-helper get",
        "eks update-kubeconfig --name c",
        "emr ssh --cluster-id c --key-pair-file k",
        "emr get --cluster-id c --key-pair-file k --src s",
        "emr put --cluster-id c --key-pair-file k --src s",
        "emr socks --cluster-id c --key-pair-file k",
        "deploy install --config-file s3://x",
        "deploy uninstall",
        "gamelift get-game-session-log --game-session-id s --save-as f",
        "lightsail push-container-image --service-name s --label l --image i",
        "cloudformation deploy --template-file t --stack-name s",
        "cloudformation package --template-file t --s3-bucket b"}) {
    EXPECT_EQ(ClassOf(command), CommandClass::kForbidden) << command;
  }
  EXPECT_EQ(Of("lambda wizard new-function").rule, "customization-unknown");
}

TEST(Classify, FlagsDataFilesEndlessnessAndCosts) {
  EXPECT_THAT(FlagNames(Of("s3api get-object --bucket b --key k -").flags),
              ElementsAre("SENSITIVE_FIELDS", "RETURNS_DATA", "LOCAL_FILE"));
  EXPECT_TRUE(Of("dynamodb scan --table-name tab").Has(kReturnsData));
  EXPECT_EQ(ClassOf("dynamodb scan --table-name tab"), CommandClass::kRead);
  EXPECT_FALSE(
      Of("logs filter-log-events --log-group-name g").Has(kReturnsData));
  EXPECT_TRUE(Of("logs tail g --follow").Has(kNeverEnds));
  EXPECT_FALSE(Of("logs tail g").Has(kNeverEnds));
  EXPECT_EQ(ClassOf("logs tail g"), CommandClass::kRead);
  EXPECT_TRUE(Of("ec2 run-instances --image-id i").Has(kCosts));
  EXPECT_TRUE(Of("ec2 wait instance-running").Has(kWaits));
  EXPECT_EQ(ClassOf("ec2 wait instance-running"), CommandClass::kRead);
}

TEST(Classify, ASkeletonCallsNothing) {
  const Classification what =
      Of("ec2 terminate-instances --generate-cli-skeleton");
  EXPECT_EQ(what.command_class, CommandClass::kRead);
  EXPECT_EQ(what.rule, "skeleton");
  EXPECT_THAT(what.effect, StartsWith("Shows which input"));
  EXPECT_EQ(ClassOf("configure get x"), CommandClass::kForbidden);
}

}  // namespace
}  // namespace howdah::aws

#include "backend/aws/command_line.h"

#include <string>
#include <vector>

#include "backend/aws/debian_index.h"
#include "backend/aws/shell_words.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace howdah::aws {
namespace {

using howdah::testing::HasReason;
using howdah::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

absl::StatusOr<ParsedCommand> Parse(const std::string& command) {
  return ParseCommand(DebianIndex(), {.command = command});
}

std::vector<std::string> Argv(const std::string& command) {
  const auto parsed = Parse(command);
  EXPECT_THAT(parsed, IsOk()) << command;
  return parsed.ok() ? parsed->argv : std::vector<std::string>();
}

TEST(ParseCommand, RebuildsTheArguments) {
  EXPECT_THAT(Argv("aws s3api list-buckets"),
              ElementsAre("s3api", "list-buckets"));
  EXPECT_THAT(Argv("ec2 describe-instances --instance-ids i-1 'i-2' "
                   "--max-items=5"),
              ElementsAre("ec2", "describe-instances", "--instance-ids", "i-1",
                          "i-2", "--max-items", "5"));
  EXPECT_THAT(
      Argv("ec2 wait instance-running --instance-ids i-1"),
      ElementsAre("ec2", "wait", "instance-running", "--instance-ids", "i-1"));
  EXPECT_THAT(Argv("s3api get-object --bucket b --key k out.bin"),
              ElementsAre("s3api", "get-object", "out.bin", "--bucket", "b",
                          "--key", "k"));
}

TEST(ParseCommand, KeepsAValueFromBeingTakenForAnOption) {
  EXPECT_THAT(Argv("ec2 create-tags --resources i-1 --tags Key=a,Value=-x"),
              Not(IsEmpty()));
  EXPECT_THAT(Argv("logs put-log-events --log-group-name g --log-stream-name "
                   "s --log-events [] --sequence-token=-t"),
              ElementsAre("logs", "put-log-events", "--log-group-name", "g",
                          "--log-stream-name", "s", "--log-events", "[]",
                          "--sequence-token=-t"));
  EXPECT_THAT(Parse("ec2 describe-instances --instance-ids --dry-run"),
              HasReason("COMMAND_INVALID"));
  EXPECT_THAT(Parse("ec2 describe-instances -- x"),
              HasReason("COMMAND_INVALID"));
  EXPECT_THAT(Parse("ec2 describe-instances --instance-ids -inf"),
              HasReason("COMMAND_INVALID"));
  // argparse would drop it.
  const auto dashes = Parse("ssm get-parameter --name=--");
  ASSERT_THAT(dashes, IsOk());
  EXPECT_THAT(dashes->argv, ElementsAre("ssm", "get-parameter"));
  EXPECT_EQ(dashes->input_json, R"({"Name":"--"})");
  EXPECT_THAT(Parse("ec2 describe-instances --instance-ids=--"),
              HasReason("COMMAND_INVALID"));
}

TEST(ParseCommand, TakesGlobalOptionsOutAnywhere) {
  const auto parsed = Parse(
      "--region eu-west-1 ec2 --profile prod describe-instances "
      "--query 'Reservations[*]' --output json --no-cli-pager --no-paginate");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->region, "eu-west-1");
  EXPECT_EQ(parsed->profile, "prod");
  EXPECT_EQ(parsed->query, "Reservations[*]");
  EXPECT_THAT(parsed->argv,
              ElementsAre("ec2", "describe-instances", "--no-paginate"));
}

TEST(ParseCommand, TakesProfileAndRegionOfTheCallOnce) {
  const CommandRequest request = {.command = "s3api list-buckets --region a",
                                  .profile = "prod",
                                  .region = "b"};
  EXPECT_THAT(ParseCommand(DebianIndex(), request),
              HasReason("OPTION_REFUSED"));
  const auto parsed =
      ParseCommand(DebianIndex(), {.command = "s3api list-buckets --region b",
                                   .profile = "prod",
                                   .region = "b"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->profile, "prod");
  EXPECT_EQ(parsed->region, "b");
}

TEST(ParseCommand, RefusesGlobalOptionsThatAreTheServers) {
  for (const char* option :
       {"--endpoint-url http://evil", "--endpoint-url=http://evil", "--debug",
        "--no-verify-ssl", "--no-sign-request", "--ca-bundle x",
        "--cli-read-timeout 0", "--cli-connect-timeout 0", "--version",
        "--cli-auto-prompt", "--output text", "--output table",
        "--profile a --profile b", "--region", "--query ''"}) {
    EXPECT_THAT(Parse(std::string("s3api list-buckets ") + option),
                HasReason("OPTION_REFUSED"))
        << option;
  }
  EXPECT_THAT(Parse("s3api list-buckets --query " + std::string(4097, 'a')),
              HasReason("OPTION_REFUSED"));
}

TEST(ParseCommand, TakesNamesExactly) {
  // Beginnings that the CLI itself would take.
  for (const char* command :
       {"s3api list-buckets --prof x", "s3api list-buckets --end http://x",
        "s3api list-buckets --endpoint-u=http://x",
        "ssm get-parameter --name x --with-decr",
        "ec2 describe-instances --instance-id i-1"}) {
    EXPECT_THAT(Parse(command), HasReason("COMMAND_INVALID")) << command;
  }
  for (const char* command :
       {"s3ap list-buckets", "s3api list-bucket", "s3api List-Buckets", "s3api",
        "ec2 wait", "", "aws", "aws aws s3 ls", "--region x",
        "AWS_PROFILE=x s3 ls"}) {
    EXPECT_THAT(Parse(command), HasReason("COMMAND_UNKNOWN")) << command;
  }
  EXPECT_THAT(Parse("s3api list-bucket").status().message(),
              HasSubstr("list-buckets"));
  EXPECT_THAT(
      Parse("ec2 describe-instances --instance-id i-1").status().message(),
      HasSubstr("--instance-ids"));
  EXPECT_THAT(Parse("ec2 help"), HasReason("OPTION_REFUSED"));
  EXPECT_THAT(Parse("ec2 describe-vpcs help"), HasReason("OPTION_REFUSED"));
}

TEST(ParseCommand, RefusesWhatIsThereTwice) {
  EXPECT_THAT(Parse("s3api get-bucket-acl --bucket a --bucket b"),
              HasReason("COMMAND_INVALID"));
  EXPECT_THAT(Parse("ec2 describe-vpcs --dry-run --no-dry-run"),
              HasReason("COMMAND_INVALID"));
  EXPECT_THAT(Parse("s3api get-bucket-acl --bucket a --cli-input-json "
                    "'{\"Bucket\":\"b\"}'"),
              HasReason("COMMAND_INVALID"));
}

TEST(ParseCommand, WantsWhatIsRequired) {
  EXPECT_THAT(Parse("s3api get-bucket-acl").status().message(),
              HasSubstr("--bucket"));
  EXPECT_THAT(Parse("s3api get-object --bucket b --key k"),
              HasReason("COMMAND_INVALID"));
  EXPECT_THAT(Parse("s3api get-bucket-acl --cli-input-json "
                    "'{\"Bucket\":\"b\"}'"),
              IsOk());
}

TEST(ParseCommand, ChecksNumbersAndChoices) {
  EXPECT_THAT(Parse("s3api list-objects-v2 --bucket b --max-items many"),
              HasReason("COMMAND_INVALID"));
  EXPECT_THAT(Parse("s3api list-buckets --generate-cli-skeleton all"),
              HasReason("COMMAND_INVALID"));
  EXPECT_THAT(Parse("s3api list-buckets --generate-cli-skeleton"), IsOk());
  EXPECT_THAT(Parse("s3api list-buckets extra"), HasReason("COMMAND_INVALID"));
}

TEST(ParseCommand, RefusesLocalFiles) {
  for (const char* command :
       {"ec2 run-instances --user-data file:///etc/passwd",
        "ec2 run-instances --user-data=file:///etc/passwd",
        "ec2 describe-instances --filters file://x",
        "lambda invoke --function-name f --payload fileb://x out",
        "s3api get-bucket-acl --cli-input-json file://x",
        "ec2 create-tags --resources i-1 --tags Key@=file:///etc/passwd",
        "s3api put-object --bucket b --key k --body /etc/passwd",
        "s3api get-object --bucket b --key k /root/.bashrc",
        "s3api get-object --bucket b --key k ../x",
        "s3api get-object --bucket b --key k .profile",
        "ec2 get-password-data --instance-id i-1 --priv-launch-key /root/k",
        "iot create-keys-and-certificate --private-key-outfile /root/k",
        ("iam create-virtual-mfa-device --virtual-mfa-device-name n --outfile "
         "/root/k --bootstrap-method QRCodePNG"),
        "s3 cp /etc/passwd s3://b/k",
        "s3 cp - s3://b/k",
        "s3 sync . s3://b",
        "s3 sync s3://b .",
        "s3 cp s3://b/k /etc/cron.d/x",
        "s3 cp s3://b x --recursive",
        "s3 mv s3://b/k ../x"}) {
    EXPECT_THAT(Parse(command), HasReason("LOCAL_FILE_REFUSED")) << command;
  }
}

TEST(ParseCommand, WritesOneBareFile) {
  const auto named = Parse("s3api get-object --bucket b --key k a.txt");
  ASSERT_THAT(named, IsOk());
  EXPECT_THAT(named->output_files, ElementsAre("a.txt"));
  const auto dash = Parse("s3api get-object --bucket b --key k -");
  ASSERT_THAT(dash, IsOk());
  EXPECT_THAT(dash->output_files, ElementsAre("outfile"));
  EXPECT_THAT(dash->argv, ElementsAre("s3api", "get-object", "outfile",
                                      "--bucket", "b", "--key", "k"));
  const auto copy = Parse("s3 cp s3://b/k x.txt");
  ASSERT_THAT(copy, IsOk());
  EXPECT_THAT(copy->output_files, ElementsAre("x.txt"));
  const auto out = Parse("s3 cp s3://b/k -");
  ASSERT_THAT(out, IsOk());
  EXPECT_THAT(out->output_files, IsEmpty());
}

TEST(ParseCommand, TakesInlineJsonOfKnownMembers) {
  const auto parsed = Parse(
      "ssm get-parameter --cli-input-json "
      "'{\"Name\": \"file:///etc/passwd\", \"WithDecryption\": true}'");
  ASSERT_THAT(parsed, IsOk());
  // Inside JSON the CLI loads nothing.
  EXPECT_EQ(parsed->input_json,
            R"({"Name":"file:///etc/passwd","WithDecryption":true})");
  EXPECT_TRUE(parsed->IsOn("WithDecryption"));
  EXPECT_TRUE(parsed->SetsMember("Name"));
  for (const char* json : {"'{\"Nam\":1}'", "'{\"Name\":1,\"Name\":2}'", "'[]'",
                           "'{'", "x", "''"}) {
    EXPECT_THAT(
        Parse(std::string("ssm get-parameter --cli-input-json ") + json),
        HasReason("COMMAND_INVALID"))
        << json;
  }
  EXPECT_THAT(Parse("ssm get-parameter --cli-input-yaml x"),
              HasReason("OPTION_REFUSED"));
}

TEST(ParseCommand, KeepsSensitiveValuesOffTheCommandLine) {
  const auto parsed = Parse(
      "rds create-db-instance --db-instance-identifier d "
      "--db-instance-class c --engine postgres "
      "--master-user-password hunter2hunter2");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_THAT(parsed->argv, Not(::testing::Contains(HasSubstr("hunter2"))));
  EXPECT_EQ(parsed->input_json, R"({"MasterUserPassword":"hunter2hunter2"})");
  EXPECT_THAT(parsed->DisplayArguments(), ::testing::Contains("[redacted]"));
  EXPECT_THAT(parsed->DisplayArguments(),
              Not(::testing::Contains(HasSubstr("hunter2"))));
  const auto json = Parse(
      "secretsmanager put-secret-value --cli-input-json "
      "'{\"SecretId\":\"s\",\"SecretString\":\"hunter2\"}'");
  ASSERT_THAT(json, IsOk());
  EXPECT_THAT(
      json->DisplayArguments(),
      ElementsAre("secretsmanager", "put-secret-value", "--cli-input-json",
                  R"({"SecretId":"s","SecretString":"[redacted]"})"));
}

TEST(ParseCommand, GivesItsTokenToAnOperationThatHasOneAndNone) {
  const auto parse = [](const std::string& command) {
    const auto parsed = ParseCommand(
        DebianIndex(), {.command = command, .client_token = "t-1"});
    EXPECT_THAT(parsed, IsOk()) << command;
    return parsed.ok() ? parsed->argv : std::vector<std::string>();
  };
  EXPECT_THAT(parse("ec2 run-instances --image-id i"),
              ElementsAre("ec2", "run-instances", "--image-id", "i",
                          "--client-token", "t-1"));
  // One that is required too.
  EXPECT_THAT(
      parse("efs create-file-system"),
      ElementsAre("efs", "create-file-system", "--creation-token", "t-1"));
  EXPECT_THAT(parse("ec2 run-instances --image-id i --client-token mine"),
              ElementsAre("ec2", "run-instances", "--image-id", "i",
                          "--client-token", "mine"));
  EXPECT_THAT(
      parse("ec2 run-instances --cli-input-json '{\"ClientToken\":\"m\"}'"),
      ElementsAre("ec2", "run-instances"));
  EXPECT_THAT(parse("ec2 run-instances --generate-cli-skeleton"),
              ElementsAre("ec2", "run-instances", "--generate-cli-skeleton"));
  EXPECT_THAT(parse("s3 mb s3://b"), ElementsAre("s3", "mb", "s3://b"));
}

TEST(ParseCommand, PassesAnOptionThatAGlobalOneHidesAsJson) {
  const auto parsed =
      Parse("sagemaker wait image-version-created --image-name i --version 3");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_THAT(parsed->argv,
              ElementsAre("sagemaker", "wait", "image-version-created",
                          "--image-name", "i"));
  EXPECT_EQ(parsed->input_json, R"({"Version":3})");
}

// The index of a CLI of version 1, which fetches URLs that stand for a value.
TEST(ParseCommand, NeverLetsVersionOneFetchAUrl) {
  const std::string text =
      R"({"cli":"aws-cli/1.27.0","services":["sqs"]})"
      "\n"
      R"({"service":"sqs","path":["get-queue-attributes"],"class":"ServiceOperation","api":"sqs","operation":"GetQueueAttributes","http":"POST","options":[{"name":"--queue-url","type":"string","class":"CLIArgument","member":"QueueUrl","required":true},{"name":"--attribute-names","type":"list","nargs":"*","class":"ListArgument","member":"AttributeNames"},{"name":"--cli-input-json","type":"string","class":"CliInputJSONArgument"}]})"
      "\n";
  const auto index = TextIndex::Parse(text);
  ASSERT_THAT(index, IsOk());
  const auto parsed = ParseCommand(
      **index,
      {.command = "sqs get-queue-attributes --queue-url https://q/1/2"});
  ASSERT_THAT(parsed, IsOk());
  EXPECT_THAT(parsed->argv, ElementsAre("sqs", "get-queue-attributes"));
  EXPECT_EQ(parsed->input_json, R"({"QueueUrl":"https://q/1/2"})");
  EXPECT_THAT(ParseCommand(**index,
                           {.command = "sqs get-queue-attributes --queue-url q "
                                       "--attribute-names http://x"}),
              HasReason("URL_REFUSED"));
  EXPECT_THAT(Argv("sqs get-queue-attributes --queue-url https://q/1/2"),
              ElementsAre("sqs", "get-queue-attributes", "--queue-url",
                          "https://q/1/2"));
}

}  // namespace
}  // namespace howdah::aws

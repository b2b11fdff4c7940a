// The service over the index of Debian's CLI, with a script in its place that
// writes down what it was asked.
#include "backend/services/aws_service.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/aws/debian_index.h"
#include "backend/aws/errors.h"
#include "backend/process/program_pool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/support/status_details.h"
#include "tests/support/status_matchers.h"

namespace howdah::services {
namespace {

using ::howdah::testing::HasReason;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
namespace fs = std::filesystem;
namespace pb = ::howdah::aws::v1;

constexpr char kScript[] = R"(#!/bin/sh
echo "$@" >> "$0.log"
case "$1 $2" in
  'sts get-caller-identity')
    echo '{"Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/a","UserId":"A"}';;
  's3api list-buckets') echo '{"Buckets":[{"Name":"a"},{"Name":"b"}],"Big":9007199254740993}';;
  'secretsmanager get-secret-value') echo '{"SecretString":"hunter2"}';;
  'ec2 run-instances') echo '{"Instances":[]}';;
  'sqs send-message') sleep 600;;
  's3 ls') echo '2026-11-21 logs';;
  'ec2 terminate-instances') echo '{"TerminatingInstances":[]}';;
  'ec2 describe-hosts') sleep 600;;
  'logs tail') echo 'first line'; sleep 600;;
  *) echo 'An error occurred (AccessDenied) when calling the X operation: no' >&2; exit 254;;
esac
)";

class FakeSource : public aws::runner::CliSource {
 public:
  absl::StatusOr<aws::runner::FoundCli> Find() override {
    if (program.empty()) return aws::CliMissing("aws");
    // Not owned: it is there as long as the test.
    return aws::runner::FoundCli{
        program, std::shared_ptr<const aws::CommandIndex>(
                     std::shared_ptr<void>(), &aws::DebianIndex())};
  }
  std::string program;
};

class AwsServiceTest : public ::testing::Test {
 protected:
  AwsServiceTest() {
    std::string path = ::testing::TempDir() + "/aws-XXXXXX";
    home_ = mkdtemp(path.data());
    setenv("TMPDIR", home_.c_str(), 1);
    fs::create_directories(home_ + "/.aws");
    std::ofstream(home_ + "/.aws/config")
        << "[default]\nregion = eu-west-1\n[profile prod]\nregion = "
           "us-east-1\nsso_session = corp\n";
    source_.program = home_ + "/aws";
    std::ofstream(source_.program) << kScript;
    chmod(source_.program.c_str(), 0700);
    runner_ = std::make_unique<aws::runner::CliRunner>(
        aws::runner::CliRunnerOptions{
            .environment = {{"HOME", home_}, {"PATH", "/usr/bin:/bin"}},
            .endpoint_url = ""},
        *pool_);
    identities_ = std::make_unique<aws::runner::IdentityCache>(*runner_);
    context_.deadline = absl::Now() + absl::Minutes(1);
    context_.cancelled = caller_.get_token();
    context_.notes = &notes_;
  }
  ~AwsServiceTest() override {
    pool_.reset();
    runner_.reset();
    fs::remove_all(home_);
  }

  void Govern(const char* rules) {
    auto policy = aws::Policy::Parse(rules, "policy.yaml");
    ASSERT_OK(policy);
    policy_ = *std::move(policy);
  }
  AwsService Service() {
    return AwsService(source_, *runner_, *identities_, policy_, options_);
  }
  absl::StatusOr<pb::ExecuteReadCommandResponse> Read(
      const std::string& command, const std::string& profile = "") {
    pb::ExecuteReadCommandRequest request;
    request.set_command(command);
    if (!profile.empty()) request.set_profile(profile);
    std::promise<absl::StatusOr<pb::ExecuteReadCommandResponse>> promise;
    Service().ExecuteReadCommand(
        context_, request,
        [&](absl::StatusOr<pb::ExecuteReadCommandResponse> response) {
          promise.set_value(std::move(response));
        });
    return promise.get_future().get();
  }
  absl::StatusOr<pb::ExecuteWriteCommandResponse> Write(
      const pb::ExecuteWriteCommandRequest& request) {
    std::promise<absl::StatusOr<pb::ExecuteWriteCommandResponse>> promise;
    AwsService service = Service();
    service.ExecuteWriteCommand(
        context_, request,
        [&](absl::StatusOr<pb::ExecuteWriteCommandResponse> response) {
          promise.set_value(std::move(response));
        });
    return promise.get_future().get();
  }
  // What the script was asked, a line each.
  std::string Asked() const {
    std::ifstream in(source_.program + ".log");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  std::string home_;
  FakeSource source_;
  std::unique_ptr<process::ProgramPool> pool_ =
      std::make_unique<process::ProgramPool>(process::ProgramPoolOptions{});
  std::unique_ptr<aws::runner::CliRunner> runner_;
  std::unique_ptr<aws::runner::IdentityCache> identities_;
  aws::Policy policy_;
  AwsServiceOptions options_;
  std::stop_source caller_;
  CallNotes notes_;
  CallContext context_;
};

TEST_F(AwsServiceTest, AReadGivesItsResultAsAValue) {
  const auto response = Read("s3api list-buckets");
  ASSERT_OK(response);
  const auto& members = response->result().struct_value().fields();
  EXPECT_EQ(members.at("Buckets").list_value().values_size(), 2);
  EXPECT_EQ(members.at("Big").string_value(), "9007199254740993")
      << "a double could not hold it";
  EXPECT_EQ(response->region(), "eu-west-1");
  EXPECT_THAT(Asked(), HasSubstr("s3api list-buckets --region eu-west-1"));
  EXPECT_EQ(Read("s3api list-buckets --query 'Buckets[1].Name'")
                ->result()
                .string_value(),
            "b");
  EXPECT_THAT(Asked(), Not(HasSubstr("--query")));
  EXPECT_EQ(Read("s3 ls")->text(), "2026-11-21 logs");
}

TEST_F(AwsServiceTest, WhatIsNotAllowedNeverRuns) {
  EXPECT_THAT(Read("s3api delete-bucket --bucket b"), HasReason("NOT_A_READ"));
  EXPECT_THAT(Read("s3 ls", "nobody"), HasReason("PROFILE_UNKNOWN"));
  EXPECT_THAT(Read("s3 ls --query 'a['"), HasReason("QUERY_INVALID"));
  EXPECT_THAT(Read("sts get-session-token"), Not(::howdah::testing::IsOk()));
  Govern("version: 1\nprofiles: [default]\n");
  EXPECT_THAT(Read("s3 ls", "prod"), HasReason("PROFILE_NOT_ALLOWED"));
  EXPECT_EQ(Asked(), "");
  EXPECT_OK(Read("s3 ls", "default"));
}

TEST_F(AwsServiceTest, WithoutACliItSaysSo) {
  source_.program.clear();
  EXPECT_THAT(Read("s3 ls"), HasReason("CLI_MISSING"));
}

TEST_F(AwsServiceTest, WhatDestroysNeedsAConfirmation) {
  pb::ExecuteWriteCommandRequest request;
  request.set_command("ec2 terminate-instances --instance-ids i-1");
  EXPECT_THAT(Write(request), HasReason("CONFIRMATION_REQUIRED"));
  EXPECT_EQ(Asked(), "");
  request.set_dry_run(true);
  const auto rehearsal = Write(request);
  ASSERT_OK(rehearsal);
  EXPECT_THAT(rehearsal->arguments(),
              ElementsAre("ec2", "terminate-instances", "--instance-ids", "i-1",
                          "--region", "eu-west-1"));
  EXPECT_EQ(rehearsal->account(), "123456789012");
  EXPECT_EQ(rehearsal->command_class(), pb::COMMAND_CLASS_DESTRUCTIVE);
  EXPECT_THAT(rehearsal->summary(), HasSubstr("confirm=true"));
  EXPECT_THAT(Asked(), Not(HasSubstr("terminate")));
  request.set_dry_run(false);
  request.set_confirm(true);
  EXPECT_OK(Write(request));
  EXPECT_THAT(Asked(), HasSubstr("ec2 terminate-instances --instance-ids i-1"));
}

TEST_F(AwsServiceTest, TheAuditLineHearsWhoWhatAndWhere) {
  pb::ExecuteWriteCommandRequest request;
  request.set_command(
      "iam create-login-profile --user-name u --password hunter2");
  EXPECT_THAT(Write(request), HasReason("SERVICE_ERROR"));
  EXPECT_THAT(notes_.All(), Contains(Pair("account", "123456789012")));
  EXPECT_THAT(notes_.All(), Contains(Pair("command_class", "WRITE")));
  bool told = false;
  for (const auto& [name, value] : notes_.All()) {
    EXPECT_THAT(value, Not(HasSubstr("hunter2")));
    told |= value.find("iam create-login-profile") != value.npos;
  }
  EXPECT_TRUE(told);
  EXPECT_THAT(Asked(), Not(HasSubstr("hunter2"))) << "nor any argument";
}

TEST_F(AwsServiceTest, AServicesErrorKeepsItsCode) {
  const auto response = Read("s3api list-objects-v2 --bucket b");
  EXPECT_EQ(response.status().code(), absl::StatusCode::kPermissionDenied);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(support::GetDetail(response.status(), info));
  EXPECT_EQ(info.metadata().at("awsErrorCode"), "AccessDenied");
}

TEST_F(AwsServiceTest, ADeadlineEndsACommand) {
  context_.deadline = absl::Now() + absl::Milliseconds(700);
  EXPECT_THAT(Read("ec2 describe-hosts"), HasReason("DEADLINE_EXCEEDED"));
}

TEST_F(AwsServiceTest, ACallerThatGoesEndsItsCommand) {
  std::thread leaving([this] {
    while (Asked().empty()) std::this_thread::yield();
    caller_.request_stop();
  });
  EXPECT_THAT(Read("ec2 describe-hosts"), HasReason("CANCELLED"));
  leaving.join();
}

constexpr char kRevealing[] =
    "version: 1\nrules:\n  - {name: s, effect: allow, reveal: [secrets]}\n";

TEST_F(AwsServiceTest, ASecretNeedsTheRuleAndTheScope) {
  const std::string get = "secretsmanager get-secret-value --secret-id db";
  context_.principal.limited_to_scopes = true;
  context_.principal.scopes = {"howdah:read", "howdah:secrets"};
  EXPECT_THAT(Read(get), HasReason("SECRETS_NOT_ALLOWED"));
  EXPECT_THAT(notes_.All(), IsEmpty());
  Govern(kRevealing);
  context_.principal.scopes = {"howdah:read", "howdah:admin"};
  const auto refused = Read(get);
  EXPECT_THAT(refused, HasReason("SCOPE_MISSING"));
  EXPECT_THAT(refused.status().message(), HasSubstr("howdah:secrets"));
  EXPECT_EQ(Asked(), "");
  EXPECT_OK(Read("s3 ls")) << "only secrets need it";
  context_.principal.scopes = {"howdah:read", "howdah:secrets"};
  const auto revealed = Read(get);
  ASSERT_OK(revealed);
  EXPECT_EQ(revealed->result()
                .struct_value()
                .fields()
                .at("SecretString")
                .string_value(),
            "hunter2");
  // Who is not limited to scopes may do what the server allows.
  context_.principal = {};
  EXPECT_OK(Read(get));
}

TEST_F(AwsServiceTest, ARevealedSecretIsNotedForTheAuditLine) {
  EXPECT_OK(Read("s3 ls"));
  EXPECT_THAT(notes_.All(), IsEmpty()) << "an ordinary read is not";
  Govern(kRevealing);
  EXPECT_OK(Read("secretsmanager get-secret-value --secret-id db"));
  EXPECT_THAT(
      notes_.All(),
      Contains(Pair("reveals", "secrets of secretsmanager get-secret-value")));
  EXPECT_THAT(notes_.All(),
              Contains(Pair("command", HasSubstr("--secret-id db"))));
}

TEST_F(AwsServiceTest, ARepeatedWriteHasTheSameToken) {
  pb::ExecuteWriteCommandRequest request;
  request.set_command("ec2 run-instances --image-id i");
  request.set_request_id("5d0c6f5e-0000-4000-8000-00000000000a");
  request.set_dry_run(true);
  EXPECT_THAT(Write(request)->arguments(),
              Contains("5d0c6f5e-0000-4000-8000-00000000000a"));
  request.set_dry_run(false);
  const auto response = Write(request);
  ASSERT_OK(response);
  EXPECT_THAT(response->summary(), Not(HasSubstr("twice")));
  EXPECT_THAT(Asked(), HasSubstr("--client-token "
                                 "5d0c6f5e-0000-4000-8000-00000000000a"));
  request.set_command("iam create-user --user-name u");
  request.set_dry_run(true);
  EXPECT_THAT(Write(request)->summary(), HasSubstr("done again"));
  request.clear_request_id();
  EXPECT_THAT(Write(request)->summary(), Not(HasSubstr("done again")));
}

// A server that ends after its grace.
class EndingHost : public CallHost {
 public:
  void Resume(std::function<void()> rest) override { rest(); }
  std::stop_token draining() const override { return source.get_token(); }
  std::stop_source source;
};

TEST_F(AwsServiceTest, AServerThatEndsSaysWhatBecameOfTheCommand) {
  EndingHost host;
  context_.host = &host;
  const auto end_when_it_runs = [&](const char* command) {
    return std::thread([this, &host, command] {
      while (Asked().find(command) == std::string::npos) {
        std::this_thread::yield();
      }
      host.source.request_stop();
    });
  };
  std::thread ending = end_when_it_runs("describe-hosts");
  const auto read = Read("ec2 describe-hosts");
  ending.join();
  EXPECT_THAT(read, HasReason("SERVER_DRAINING"));
  EXPECT_EQ(read.status().code(), absl::StatusCode::kUnavailable);
  host.source = {};
  pb::ExecuteWriteCommandRequest request;
  request.set_command("sqs send-message --queue-url q --message-body b");
  ending = end_when_it_runs("send-message");
  const auto write = Write(request);
  ending.join();
  EXPECT_THAT(write, HasReason("SERVER_DRAINING"));
  EXPECT_EQ(write.status().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(write.status().message(), HasSubstr("may have happened"));
}

TEST_F(AwsServiceTest, ProfilesAreListedInPages) {
  pb::ListProfilesRequest request;
  request.set_page_size(1);
  auto first = Service().ListProfiles(context_, request);
  ASSERT_OK(first);
  EXPECT_EQ(first->profiles(0).name(), "default");
  EXPECT_TRUE(first->profiles(0).is_default());
  request.set_page_token(first->next_page_token());
  auto second = Service().ListProfiles(context_, request);
  ASSERT_OK(second);
  EXPECT_EQ(second->profiles(0).name(), "prod");
  EXPECT_EQ(second->profiles(0).credentials(),
            pb::Profile::CREDENTIAL_KIND_SSO);
  EXPECT_THAT(second->next_page_token(), IsEmpty());
}

TEST_F(AwsServiceTest, ProfilesAreListedAsTheCallerMayUseThem) {
  Govern("version: 1\ncallers: [{names: [ada], profiles: [prod]}]\n");
  pb::ListProfilesRequest request;
  request.set_page_size(10);
  context_.principal.name = "ada";
  const auto listed = Service().ListProfiles(context_, request);
  ASSERT_OK(listed);
  EXPECT_FALSE(listed->profiles(0).allowed());
  EXPECT_TRUE(listed->profiles(1).allowed());
  EXPECT_OK(Read("s3 ls", "prod"));
  EXPECT_THAT(Read("s3 ls", "default"), HasReason("PROFILE_NOT_ALLOWED"));
  context_.principal.name = "eve";
  EXPECT_THAT(Read("s3 ls", "prod"), HasReason("PROFILE_NOT_ALLOWED"));
}

// With as much time as this machine needs to see the first line.
TEST_F(AwsServiceTest, WhatNeverEndsIsLookedAtAndStopped) {
  std::string text;
  for (int seconds = 1; text.empty(); seconds *= 2) {
    context_.deadline = absl::Now() + absl::Seconds(seconds);
    const auto response = Read("logs tail group --follow");
    ASSERT_OK(response);
    EXPECT_THAT(response->summary(), HasSubstr("was stopped"));
    text = response->text();
  }
  EXPECT_EQ(text, "first line");
}

TEST_F(AwsServiceTest, ExplainsWithoutRunning) {
  pb::ExplainCommandRequest request;
  request.set_command("ec2 terminate-instances --instance-ids i-1");
  auto explained = Service().ExplainCommand(context_, request);
  ASSERT_OK(explained);
  EXPECT_EQ(explained->command_class(), pb::COMMAND_CLASS_DESTRUCTIVE);
  EXPECT_EQ(explained->tool(), "execute_aws_write_command");
  EXPECT_THAT(explained->rule(), Not(IsEmpty()));
  request.set_command("sts get-session-token");
  explained = Service().ExplainCommand(context_, request);
  ASSERT_OK(explained);
  EXPECT_THAT(explained->tool(), IsEmpty());
  EXPECT_THAT(explained->refusal(), Not(IsEmpty()));
  EXPECT_EQ(Asked(), "");
}

}  // namespace
}  // namespace howdah::services

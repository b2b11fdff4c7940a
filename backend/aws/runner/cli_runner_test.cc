// With a script in place of the CLI, which tells what it was given.
#include "backend/aws/runner/cli_runner.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/aws/runner/identity_cache.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::aws::runner {
namespace {

using ::howdah::testing::HasReason;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class CliRunnerTest : public ::testing::Test {
 protected:
  CliRunnerTest() {
    std::string path = ::testing::TempDir() + "/cli-XXXXXX";
    home_ = mkdtemp(path.data());
    setenv("TMPDIR", home_.c_str(), 1);
    fs::create_directories(home_ + "/.aws/sso/cache");
    Write("/.aws/config",
          "[default]\nregion = eu-west-1\n[plugins]\nx = evil\n");
    Write("/.aws/credentials",
          "[default]\naws_access_key_id = AKIAEXAMPLE\n"
          "aws_secret_access_key = s3cr3t\n");
  }
  ~CliRunnerTest() override { fs::remove_all(home_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(home_ + name) << text;
  }
  // A program that runs `script`.
  std::string Program(const std::string& script) {
    std::string path =
        absl::StrCat(home_, "/aws-", std::to_string(++programs_));
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    chmod(path.c_str(), 0700);
    return path;
  }
  CliRunnerOptions Options() {
    return {.environment = {{"HOME", home_},
                            {"PATH", "/usr/bin:/bin"},
                            {"AWS_REGION", "eu-central-1"},
                            {"AWS_ENDPOINT_URL", "http://evil.example"},
                            {"AWS_DATA_PATH", "/evil"},
                            {"LD_PRELOAD", "/evil.so"},
                            {"PYTHONPATH", "/evil"}},
            .endpoint_url = ""};
  }
  absl::StatusOr<CliOutput> Run(CliRunner& runner, CliCall call) {
    if (call.until == absl::InfiniteFuture()) {
      call.until = absl::Now() + absl::Minutes(1);
    }
    std::promise<absl::StatusOr<CliOutput>> promise;
    const absl::Status taken =
        runner.Run(std::move(call), [&](absl::StatusOr<CliOutput> output) {
          promise.set_value(std::move(output));
        });
    if (!taken.ok()) return taken;
    return promise.get_future().get();
  }
  std::string Output(CliCall call) {
    CliRunner runner(Options(), pool_);
    const auto output = Run(runner, std::move(call));
    return output.ok() ? output->end.output
                       : std::string(output.status().message());
  }

  std::string home_;
  int programs_ = 0;
  process::ProgramPool pool_{{}};
};

TEST_F(CliRunnerTest, GivesTheCliItsArgumentsAndTheServers) {
  CliRunnerOptions options = Options();
  options.endpoint_url = "http://127.0.0.1:5000";
  CliRunner runner(options, pool_);
  const auto output =
      Run(runner, {.program = Program("printf '%s|' \"$@\""),
                   .arguments = {"s3api", "head-object", "--key", "a b;$(id)"},
                   .profile = "prod",
                   .region = "us-east-1"});
  ASSERT_OK(output);
  EXPECT_EQ(output->end.output,
            "s3api|head-object|--key|a b;$(id)|--profile|prod|--region|"
            "us-east-1|--output|json|--color|off|--cli-connect-timeout|10|"
            "--cli-read-timeout|60|--endpoint-url|http://127.0.0.1:5000|");
}

TEST_F(CliRunnerTest, TheEnvironmentIsMadeFromAList) {
  const std::string environment = Output({.program = Program("/usr/bin/env")});
  for (const char* never :
       {"evil", "LD_PRELOAD", "PYTHONPATH", "DATA_PATH", "AWS_ENDPOINT_URL="}) {
    EXPECT_THAT(environment, Not(HasSubstr(never)));
  }
  EXPECT_THAT(environment, HasSubstr("AWS_REGION=eu-central-1\n"));
  CliRunnerOptions options = Options();
  const Environment credentials = {
      {"AWS_PROFILE", "prod"},
      {"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"},
      {"AWS_ROLE_ARN", "arn:aws:iam::1:role/pod"},
      {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1"}};
  options.environment.insert(credentials.begin(), credentials.end());
  CliRunner runner(options, pool_);
  const auto passed = Run(runner, {.program = Program("/usr/bin/env")});
  ASSERT_OK(passed);
  for (const auto& [name, value] : credentials) {
    EXPECT_THAT(passed->end.output,
                HasSubstr(absl::StrCat(name, "=", value, "\n")));
  }
  EXPECT_THAT(environment, HasSubstr("AWS_PAGER=\n"));
  EXPECT_THAT(environment, Not(HasSubstr("AWS_EXECUTION_ENV")));
  EXPECT_THAT(Output({.program = Program("/usr/bin/env"), .trace_id = "4bf9"}),
              HasSubstr("AWS_EXECUTION_ENV=howdah-trace-4bf9\n"));
  EXPECT_THAT(environment, Not(HasSubstr("HOME=" + home_ + "\n")));
}

TEST_F(CliRunnerTest, TheConfigurationHasNothingThatRunsCode) {
  EXPECT_EQ(Output({.program = Program("cat \"$AWS_CONFIG_FILE\"")}),
            "[default]\nregion = eu-west-1\n");
  EXPECT_EQ(
      Output({.program = Program("echo \"$AWS_SHARED_CREDENTIALS_FILE\"")}),
      home_ + "/.aws/credentials\n")
      << "nothing to keep back, so no copy";
  Write("/.aws/credentials", "[default]\nendpoint_url = http://evil\n");
  EXPECT_EQ(
      Output({.program = Program("cat \"$AWS_SHARED_CREDENTIALS_FILE\"")}),
      "[default]\n");
}

TEST_F(CliRunnerTest, TheHomeIsEmptyButForSignIns) {
  Write("/.aws/sso/cache/token.json", "{}");
  fs::create_directories(home_ + "/.aws/cli");
  Write("/.aws/cli/alias", "[toplevel]\nsts = !evil\n");
  EXPECT_EQ(
      Output({.program = Program("cd && find -L . -type f && ls -A .aws")}),
      "./.aws/sso/cache/token.json\nsso\n");
}

TEST_F(CliRunnerTest, SensitiveInputComesFromAPrivateFile) {
  const std::string output = Output(
      {.program = Program("for last; do case $last in file://*) "
                          "f=${last#file://};; esac; done; cat $f; echo; "
                          "stat -c %a $f; echo \"$@\""),
       .arguments = {"iam", "create-login-profile"},
       .input_json = R"({"Password":"hunter2"})"});
  EXPECT_THAT(output, HasSubstr("{\"Password\":\"hunter2\"}\n600\n"));
  EXPECT_THAT(output, HasSubstr("--cli-input-json file:///"));
  EXPECT_EQ(output.find("hunter2"), output.rfind("hunter2"))
      << "it is in no argument";
}

TEST_F(CliRunnerTest, EachCallHasAFolderThatGoesWithIt) {
  CliRunner runner(Options(), pool_);
  const auto output =
      Run(runner, {.program = Program("pwd; echo data > out.bin; "
                                      "ln -s /etc/passwd link.txt"),
                   .output_files = {"out.bin", "link.txt", "none"}});
  ASSERT_OK(output);
  EXPECT_EQ(output->files.at("out.bin"), "data\n");
  EXPECT_EQ(output->files.at("link.txt"), "") << "links are not followed";
  EXPECT_EQ(output->files.at("none"), "");
  const std::string folder =
      output->end.output.substr(0, output->end.output.find('\n'));
  EXPECT_THAT(folder, HasSubstr("/howdah-aws-"));
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(CliRunnerTest, NothingIsLeftWhenTheRunnerGoes) {
  { EXPECT_NE(Output({.program = Program("pwd")}), ""); }
  for (const auto& entry : fs::directory_iterator(home_)) {
    EXPECT_THAT(entry.path().string(), Not(HasSubstr("howdah-aws-")));
  }
}

TEST_F(CliRunnerTest, RegionsAndProfilesAreThoseThatTheCliWouldTake) {
  CliRunnerOptions options = Options();
  EXPECT_EQ(CliRunner(options, pool_).RegionOf(""), "eu-central-1");
  options.environment.erase("AWS_REGION");
  EXPECT_EQ(CliRunner(options, pool_).RegionOf(""), "eu-west-1");
  EXPECT_EQ(CliRunner(options, pool_).RegionOf("none"), "");
  EXPECT_EQ(CliRunner(options, pool_).DefaultProfile(), "");
  EXPECT_FALSE(CliRunner(options, pool_).HasEnvironmentCredentials());
  options.environment["AWS_PROFILE"] = "prod";
  options.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";
  EXPECT_EQ(CliRunner(options, pool_).DefaultProfile(), "prod");
  EXPECT_TRUE(CliRunner(options, pool_).HasEnvironmentCredentials());
}

TEST_F(CliRunnerTest, TooManyCommandsAreRefusedAtOnce) {
  process::ProgramPool small({.most_running = 1, .most_waiting = 0});
  CliRunner runner(Options(), small);
  std::stop_source caller;
  std::promise<void> ended;
  ASSERT_OK(runner.Run({.program = Program("sleep 600"),
                        .arguments = {},
                        .cancelled = caller.get_token()},
                       [&](absl::StatusOr<CliOutput>) { ended.set_value(); }));
  EXPECT_THAT(Run(runner, {.program = Program("true")}).status(),
              HasReason("AWS_BUSY"));
  caller.request_stop();
  ended.get_future().get();
  EXPECT_OK(Run(runner, {.program = Program("true")}));
}

TEST_F(CliRunnerTest, ACliThatCannotBeStartedIsUnusable) {
  CliRunner runner(Options(), pool_);
  EXPECT_THAT(Run(runner, {.program = home_ + "/none"}).status(),
              HasReason("CLI_UNUSABLE"));
}

TEST_F(CliRunnerTest, AnIdentityIsAskedForOnceAndRememberedForAWhile) {
  const std::string count = home_ + "/count";
  const std::string program = Program(absl::StrCat(
      "echo x >> ", count,
      R"(; echo '{"Account":"123","Arn":"arn:aws:iam::123:user/a","UserId":"A"}')"));
  CliRunner runner(Options(), pool_);
  absl::Time now = absl::Now();
  IdentityCache identities(runner, [&now] { return now; });
  const auto ask = [&](const std::string& profile) {
    std::promise<absl::StatusOr<Identity>> promise;
    identities.Get(program, profile, "",
                   [&](absl::StatusOr<Identity> identity) {
                     promise.set_value(std::move(identity));
                   });
    return promise.get_future().get();
  };
  const auto times = [&] {
    std::ifstream in(count);
    std::string all((std::istreambuf_iterator<char>(in)), {});
    return all.size() / 2;
  };
  EXPECT_EQ(ask("a")->account, "123");
  EXPECT_EQ(ask("a")->arn, "arn:aws:iam::123:user/a");
  EXPECT_EQ(times(), 1u);
  EXPECT_OK(ask("b"));
  EXPECT_EQ(times(), 2u);
  now += absl::Minutes(6);
  EXPECT_OK(ask("a"));
  EXPECT_EQ(times(), 3u);
}

TEST_F(CliRunnerTest, AnIdentityThatCannotBeToldIsNotRemembered) {
  CliRunner runner(Options(), pool_);
  IdentityCache identities(runner);
  const std::string program = Program(
      "test -e ok && exit; echo 'Unable to locate credentials' >&2; exit 253");
  for (int i = 0; i < 2; ++i) {
    std::promise<absl::Status> promise;
    identities.Get(program, "", "", [&](absl::StatusOr<Identity> identity) {
      promise.set_value(identity.status());
    });
    EXPECT_THAT(promise.get_future().get(), HasReason("CREDENTIALS_MISSING"));
  }
}

}  // namespace
}  // namespace howdah::aws::runner

#include "backend/kubernetes/credentials.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace howdah::kubernetes {
namespace {

using ::howdah::testing::FakeClock;
using ::howdah::testing::HasReason;
using ::howdah::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest()
      : dir_(std::filesystem::path(::testing::TempDir()) /
             ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
    connection_.server = "https://kube.example";
  }
  ~CredentialsTest() override { std::filesystem::remove_all(dir_); }

  std::string Write(const std::string& name, const std::string& text) {
    std::string path = (dir_ / name).string();
    std::ofstream(path) << text;
    chmod(path.c_str(), 0700);
    return path;
  }
  std::string Read(const std::string& name) {
    std::ifstream file(dir_ / name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // A plug-in that counts its runs in "runs" and then does `script`.
  void UsePlugin(const std::string& script) {
    ExecPlugin plugin;
    plugin.api_version = "client.authentication.k8s.io/v1";
    plugin.command = Write(
        "plugin", absl::StrCat("#!/bin/sh\nD='", dir_.string(),
                               "'\necho x >> \"$D/runs\"\n", script, "\n"));
    plugin.arguments = {"with space", "$HOME;`id`"};
    plugin.environment = {{"PLUGIN_VAR", "value"}};
    plugin.install_hint = "Install the plug-in.";
    connection_.exec = plugin;
  }
  static std::string Print(const std::string& status) {
    return absl::StrCat(
        "cat <<'END'\n{\"apiVersion\":\"client.authentication.k8s.io/v1\","
        "\"kind\":\"ExecCredential\",\"status\":",
        status, "}\nEND");
  }
  int Runs() { return static_cast<int>(Read("runs").size()) / 2; }

  const std::filesystem::path dir_;
  Connection connection_;
  FakeClock clock_;
  const Call call_;
};

TEST_F(CredentialsTest, AStaticTokenIsUsedAsItIs) {
  connection_.token = "static";
  Credentials credentials(connection_, clock_);
  const auto credential = credentials.Get(call_);
  ASSERT_OK(credential);
  EXPECT_EQ(credential->token, "static");
  EXPECT_FALSE(credentials.Refused(*credential));
}

TEST_F(CredentialsTest, ATokenFileIsReadAgainEachMinuteAndWhenRefused) {
  connection_.token_file = Write("token", "one\n");
  Credentials credentials(connection_, clock_);
  EXPECT_EQ(credentials.Get(call_)->token, "one");
  Write("token", "two");
  EXPECT_EQ(credentials.Get(call_)->token, "one");
  clock_.Advance(absl::Seconds(61));
  const auto second = credentials.Get(call_);
  EXPECT_EQ(second->token, "two");
  Write("token", "three");
  EXPECT_TRUE(credentials.Refused(*second));
  EXPECT_EQ(credentials.Get(call_)->token, "three");
  // An old refusal does not throw away the new one.
  Write("token", "four");
  EXPECT_TRUE(credentials.Refused(*second));
  EXPECT_EQ(credentials.Get(call_)->token, "three");
}

TEST_F(CredentialsTest, AMissingTokenFileIsNamed) {
  connection_.token_file = (dir_ / "none").string();
  Credentials credentials(connection_, clock_);
  EXPECT_THAT(credentials.Get(call_),
              AllOf(StatusIs(absl::StatusCode::kUnauthenticated,
                             HasSubstr(connection_.token_file)),
                    HasReason("TOKEN_FILE_UNREADABLE")));
}

TEST_F(CredentialsTest, ThePluginGetsItsArgumentsWithoutAShell) {
  connection_.tls.ca_pem = "CA";
  UsePlugin(
      absl::StrCat("printf '%s|' \"$@\" \"$PLUGIN_VAR\" > \"$D/args\"\n",
                   "printf '%s' \"$KUBERNETES_EXEC_INFO\" > \"$D/info\"\n",
                   Print(R"({"token":"secret"})")));
  connection_.exec->provide_cluster_info = true;
  Credentials credentials(connection_, clock_);
  const auto credential = credentials.Get(call_);
  ASSERT_OK(credential);
  EXPECT_EQ(credential->token, "secret");
  EXPECT_EQ(Read("args"), "with space|$HOME;`id`|value|");
  EXPECT_THAT(Read("info"),
              AllOf(HasSubstr(R"("kind":"ExecCredential")"),
                    HasSubstr(R"("interactive":false)"),
                    HasSubstr(R"("server":"https://kube.example")"),
                    HasSubstr(R"("certificate-authority-data":"Q0E=")")));
}

TEST_F(CredentialsTest, AnExecCredentialIsKeptUntilItExpires) {
  const absl::Time expires = clock_.Now() + absl::Minutes(10);
  UsePlugin(Print(absl::StrCat(
      R"({"token":"t","expirationTimestamp":")",
      absl::FormatTime(absl::RFC3339_sec, expires, absl::UTCTimeZone()),
      "\"}")));
  Credentials credentials(connection_, clock_);
  ASSERT_OK(credentials.Get(call_));
  ASSERT_OK(credentials.Get(call_));
  EXPECT_EQ(Runs(), 1);
  clock_.Advance(absl::Minutes(10));
  ASSERT_OK(credentials.Get(call_));
  EXPECT_EQ(Runs(), 2);
}

TEST_F(CredentialsTest, ManyCallersShareOneRun) {
  UsePlugin(Print(R"({"token":"t"})"));
  Credentials credentials(connection_, clock_);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_OK(credentials.Get(call_)); });
  }
  threads.clear();
  EXPECT_EQ(Runs(), 1);
}

TEST_F(CredentialsTest, APluginMayGiveACertificate) {
  UsePlugin(Print(R"({"clientCertificateData":"CERT","clientKeyData":"KEY"})"));
  Credentials credentials(connection_, clock_);
  const auto credential = credentials.Get(call_);
  ASSERT_OK(credential);
  ASSERT_NE(credential->certificate, nullptr);
  EXPECT_EQ(credential->certificate->certificate_pem, "CERT");
  EXPECT_EQ(credential->certificate->key_pem, "KEY");
}

TEST_F(CredentialsTest, AFailingPluginIsReportedWithoutItsOutput) {
  const std::pair<std::string, const char*> cases[] = {
      {"echo sesame; echo not logged in >&2; exit 3",
       "exit code 3: not logged in"},
      {"echo sesame", "did not print an ExecCredential"},
      {"kill -9 $$", "signal 9"},
      {Print("{}"), "neither a token nor a certificate"},
      {Print(R"({"token":"sesame","expirationTimestamp":"soon"})"),
       "not an RFC 3339 time"},
      {"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"v0\"}'",
       "another version"},
  };
  for (const auto& [script, problem] : cases) {
    UsePlugin(script);
    Credentials credentials(connection_, clock_);
    const auto credential = credentials.Get(call_);
    EXPECT_THAT(
        credential,
        AllOf(StatusIs(absl::StatusCode::kUnauthenticated,
                       AllOf(HasSubstr(problem), HasSubstr("Install the"))),
              HasReason("EXEC_PLUGIN_FAILED")))
        << script;
    EXPECT_THAT(std::string(credential.status().message()),
                Not(HasSubstr("sesame")));
  }
  connection_.exec->command = "/nowhere/plugin";
  EXPECT_THAT(
      Credentials(connection_, clock_).Get(call_),
      StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("No such file")));
  connection_.exec->needs_terminal = true;
  EXPECT_THAT(Credentials(connection_, clock_).Get(call_),
              StatusIs(absl::StatusCode::kUnauthenticated,
                       HasSubstr("wants a terminal")));
}

TEST_F(CredentialsTest, APluginThatHangsIsStopped) {
  UsePlugin("exec sleep 1000");
  Credentials credentials(connection_, clock_);
  Call call;
  call.deadline = clock_.Now() + absl::Milliseconds(200);
  EXPECT_THAT(credentials.Get(call),
              StatusIs(absl::StatusCode::kUnauthenticated,
                       HasSubstr("did not finish within")));
}

TEST_F(CredentialsTest, CancellingStopsThePlugin) {
  UsePlugin("exec sleep 1000");
  Credentials credentials(connection_, clock_);
  std::stop_source stop;
  Call call;
  call.cancelled = stop.get_token();
  stop.request_stop();
  EXPECT_THAT(credentials.Get(call), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace howdah::kubernetes

// Real child processes: //adapter/testing:fake_backend under the names of the
// programs that it stands in for.

#include "adapter/server/backend_process.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapter/upstream/backend_channel.h"
#include "boost/asio/io_context.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "howdah/postgres/v1/cluster_service.pb.h"
#include "tests/support/status_matchers.h"

namespace howdah::adapter {
namespace {

using ::howdah::postgres::v1::Cluster;
using ::howdah::postgres::v1::GetClusterRequest;
using ::howdah::testing::HasReason;
using ::howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BackendProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/howdah-test-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    const auto fake = std::filesystem::absolute("adapter/testing/fake_backend");
    for (const char* name : {"howdah-backend", "howdah-local"}) {
      std::filesystem::create_symlink(fake, directory_ / name);
    }
    options_.program_directory = directory_.string();
  }
  void TearDown() override {
    channel_ = nullptr;
    process_ = nullptr;
    std::filesystem::remove_all(directory_);
  }

  void Make() {
    process_ = std::make_unique<BackendProcess>(io_, options_);
    ASSERT_OK(process_->Prepare());
    channel_ = std::make_unique<upstream::BackendChannel>(
        io_, *upstream::ParseBackendAddress(process_->address()),
        process_.get());
  }
  std::filesystem::path SocketDirectory() {
    return std::filesystem::path(process_->address().substr(5)).parent_path();
  }

  // The summary of the cluster, or the error.
  absl::StatusOr<std::string> Call(const std::string& name,
                                   bool repeatable = false) {
    GetClusterRequest request;
    request.set_name(name);
    std::optional<absl::StatusOr<std::string>> result;
    upstream::CallOptions options;
    options.repeatable = repeatable;
    channel_->Call(
        "/howdah.postgres.v1.ClusterService/GetCluster", request, options,
        [&](absl::StatusOr<absl::string_view> answer) {
          Cluster response;
          if (!answer.ok()) {
            result = answer.status();
          } else if (response.ParseFromString(std::string(*answer))) {
            result = response.summary();
          }
        });
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!result.has_value() && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_for(std::chrono::milliseconds(5));
    }
    return result.value_or(absl::DeadlineExceededError("no answer"));
  }

  // The programs that were started, and crashes, in order.
  std::vector<std::string> Started() {
    std::ifstream in(directory_ / "log");
    std::vector<std::string> names;
    for (std::string line; std::getline(in, line);) names.push_back(line);
    return names;
  }
  void FailWith(const std::string& words) {
    std::ofstream(directory_ / "fail") << words;
  }

  std::filesystem::path directory_;
  BackendProcessOptions options_;
  boost::asio::io_context io_;
  std::unique_ptr<BackendProcess> process_;
  std::unique_ptr<upstream::BackendChannel> channel_;
};

TEST_F(BackendProcessTest, TheFirstCallStartsTheBackendAndWaitsForIt) {
  Make();
  EXPECT_THAT(Started(), ElementsAre());
  EXPECT_THAT(Call("demo"), testing::IsOkAndHolds("Cluster demo of ."));
  EXPECT_THAT(Started(), ElementsAre("howdah-backend"));
}

TEST_F(BackendProcessTest, TheSocketIsForNobodyElse) {
  Make();
  struct stat facts;
  ASSERT_EQ(stat(SocketDirectory().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
}

TEST_F(BackendProcessTest, TheLocalPlaneIsLeasedFirst) {
  options_.local_data_dir = "/data";
  Make();
  EXPECT_THAT(Call("demo"),
              testing::IsOkAndHolds("Cluster demo of /data/kubeconfig."));
  EXPECT_THAT(Started(), ElementsAre("howdah-local", "howdah-backend"));
}

TEST_F(BackendProcessTest, ACrashedBackendIsStartedAgain) {
  Make();
  ASSERT_OK(Call("demo"));
  EXPECT_THAT(Call("crash"), HasReason("BACKEND_CONNECTION_LOST"));
  EXPECT_OK(Call("demo"));
  EXPECT_THAT(Started(),
              ElementsAre("howdah-backend", "crash", "howdah-backend"));
}

TEST_F(BackendProcessTest, AReadGoesOnceMoreToTheNewBackend) {
  Make();
  ASSERT_OK(Call("demo"));
  EXPECT_THAT(Call("crash", /*repeatable=*/true),
              HasReason("BACKEND_CONNECTION_LOST"));
  const auto log = Started();
  EXPECT_EQ(std::count(log.begin(), log.end(), "crash"), 2)
      << "once in each of two backends";
}

TEST_F(BackendProcessTest, WhyItCannotStartIsToldInItsOwnWords) {
  FailWith(
      "{\"level\":\"error\",\"msg\":\"no kubeconfig\",\"error\":\"ENOENT\"}\n");
  Make();
  const auto failed = Call("demo");
  EXPECT_THAT(failed, HasReason("BACKEND_START_FAILED"));
  EXPECT_THAT(std::string(failed.status().message()),
              HasSubstr("exited with 1 saying \"no kubeconfig: ENOENT\""));
  std::filesystem::remove(directory_ / "fail");
  EXPECT_OK(Call("demo"));
}

TEST_F(BackendProcessTest, AMissingProgramIsNamed) {
  options_.program_directory = "/nonexistent";
  Make();
  const auto failed = Call("demo");
  EXPECT_THAT(failed, StatusIs(absl::StatusCode::kUnavailable,
                               HasSubstr("/nonexistent/howdah-backend")));
}

TEST_F(BackendProcessTest, NothingIsLeftBehind) {
  options_.local_data_dir = "/data";
  Make();
  ASSERT_OK(Call("demo"));
  const auto socket = SocketDirectory();
  EXPECT_TRUE(std::filesystem::exists(socket / "backend.sock"));
  channel_ = nullptr;
  process_ = nullptr;
  EXPECT_FALSE(std::filesystem::exists(socket));
}

}  // namespace
}  // namespace howdah::adapter

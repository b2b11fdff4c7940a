// A channel to a socket in a directory of the test's own, and calls over it.
//
//   class MyTest : public ChannelTest { ... a server at path_ ... };
//   EXPECT_THAT(Call(), IsOkAndHolds("abc"));
#ifndef HOWDAH_ADAPTER_UPSTREAM_CHANNEL_FIXTURE_H_
#define HOWDAH_ADAPTER_UPSTREAM_CHANNEL_FIXTURE_H_

#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "adapter/upstream/backend_channel.h"
#include "boost/asio/io_context.hpp"
#include "gtest/gtest.h"
#include "howdah/postgres/v1/cluster_service.pb.h"

namespace howdah::upstream {

class ChannelTest : public ::testing::Test {
 protected:
  using Result = std::optional<absl::StatusOr<std::string>>;

  static constexpr char kGet[] =
      "/howdah.postgres.v1.ClusterService/GetCluster";

  void SetUp() override {
    std::string pattern = "/tmp/howdah-test-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    path_ = absl::StrCat(directory_, "/s");
    Open("unix:" + path_);
  }
  void TearDown() override {
    channel_ = nullptr;
    unlink(path_.c_str());
    rmdir(directory_.c_str());
  }

  // Replaces the channel by one to that address.
  void Open(const std::string& address, BackendGate* gate = nullptr,
            const Keepalive& keepalive = {}) {
    channel_ = std::make_unique<BackendChannel>(
        io_, *ParseBackendAddress(address), gate, keepalive);
  }

  std::shared_ptr<OutgoingCall> Start(Result& result,
                                      const CallOptions& options,
                                      const std::string& name = "demo") {
    postgres::v1::GetClusterRequest request;
    request.set_name(name);
    return channel_->Call(kGet, request, options,
                          [&result](absl::StatusOr<absl::string_view> answer) {
                            EXPECT_FALSE(result.has_value());
                            if (answer.ok()) {
                              result.emplace(std::string(*answer));
                            } else {
                              result.emplace(answer.status());
                            }
                          });
  }
  absl::StatusOr<std::string> Call(const CallOptions& options = {},
                                   const std::string& name = "demo") {
    Result result;
    Start(result, options, name);
    RunUntil([&] { return result.has_value(); });
    return result.value_or(absl::UnknownError("no answer"));
  }

  template <typename Condition>
  void RunUntil(Condition condition) {
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_for(std::chrono::milliseconds(5));
    }
    EXPECT_TRUE(condition());
  }

  static CallOptions Repeatable() {
    CallOptions options;
    options.repeatable = true;
    return options;
  }
  static CallOptions Change() {
    CallOptions options;
    options.changes = true;
    return options;
  }
  // Of a call that, for what its time is worth, hangs.
  static CallOptions Brief(absl::Duration timeout) {
    CallOptions options;
    options.timeout = timeout;
    return options;
  }

  std::string directory_;
  std::string path_;
  boost::asio::io_context io_;
  std::unique_ptr<BackendChannel> channel_;
};

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_CHANNEL_FIXTURE_H_

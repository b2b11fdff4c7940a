// The small parts of the server, each alone.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "backend/server/executor.h"
#include "backend/server/listen_address.h"
#include "backend/server/outgoing_status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::server {
namespace {

using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using ::testing::HasSubstr;

TEST(ExecutorTest, RunsWhatItTakesAndRefusesWhatItCannot) {
  std::atomic<int> ran = 0;
  absl::Notification started;
  absl::Notification release;
  {
    Executor executor({.workers = 1, .queue = 1});
    ASSERT_TRUE(executor.TrySubmit([&] {
      started.Notify();
      release.WaitForNotification();
      ++ran;
    }));
    started.WaitForNotification();
    EXPECT_TRUE(executor.TrySubmit([&] { ++ran; }));
    EXPECT_FALSE(executor.TrySubmit([&] { ++ran; }));
    release.Notify();
  }
  EXPECT_EQ(ran, 2);
}

TEST(ExecutorTest, WhatWasLetInGoesOnThoughTheQueueIsFull) {
  absl::Notification started;
  absl::Notification release;
  std::vector<std::string> order;
  {
    Executor executor({.workers = 1, .queue = 1});
    ASSERT_TRUE(executor.TrySubmit([&] {
      started.Notify();
      release.WaitForNotification();
    }));
    started.WaitForNotification();
    ASSERT_TRUE(executor.TrySubmit([&] { order.emplace_back("new"); }));
    ASSERT_FALSE(executor.TrySubmit([&] { order.emplace_back("refused"); }));
    executor.Resume([&] { order.emplace_back("resumed"); });
    release.Notify();
  }
  EXPECT_EQ(order, (std::vector<std::string>{"resumed", "new"}));
}

TEST(ExecutorTest, ManyPiecesRunOnceEach) {
  std::atomic<int> ran = 0;
  {
    Executor executor({.workers = 4, .queue = 1000});
    for (int i = 0; i < 1000; ++i) {
      ASSERT_TRUE(executor.TrySubmit([&] { ++ran; }));
    }
  }
  EXPECT_EQ(ran, 1000);
}

TEST(OutgoingStatusTest, EveryErrorHasAReason) {
  EXPECT_THAT(OutgoingStatus(absl::NotFoundError("x"), "t"),
              HasReason("NOT_FOUND"));
  const absl::Status unknown = OutgoingStatus(absl::UnknownError("x"), "t1");
  EXPECT_THAT(unknown, StatusIs(absl::StatusCode::kInternal, HasSubstr("t1")));
  EXPECT_THAT(unknown, HasReason("INTERNAL"));
}

TEST(OutgoingStatusTest, LongMessagesAreCutBetweenCharacters) {
  std::string message;
  while (message.size() < 5000) message += "ä";
  const absl::Status status =
      OutgoingStatus(support::InvalidField("name", message), "t");
  EXPECT_LT(support::ToProto(status).ByteSizeLong(), 4000u);
  EXPECT_THAT(status, HasReason("INVALID_FIELD"));
  std::string text(status.message());
  EXPECT_THAT(text, HasSubstr("ä…"));
}

TEST(ListenAddressTest, AddressesAreRead) {
  EXPECT_EQ(ParseListenAddress("127.0.0.1:50051")->ToString(),
            "127.0.0.1:50051");
  EXPECT_EQ(ParseListenAddress("[::1]:0")->ToString(), "[::1]:0");
  EXPECT_EQ(ParseListenAddress("unix:/a/b")->socket_path, "/a/b");
  EXPECT_EQ(ParseListenAddress("unix:///a/b")->socket_path, "/a/b");
  EXPECT_TRUE(ParseListenAddress("localhost:1")->is_loopback());
  EXPECT_FALSE(ParseListenAddress("0.0.0.0:1")->is_loopback());
  for (const char* wrong : {"", "50051", "host:", ":1", "host:65536", "host:x",
                            "::1:5", "unix:", "host:-1"}) {
    EXPECT_THAT(ParseListenAddress(wrong), HasReason("BAD_LISTEN_ADDRESS"))
        << wrong;
  }
}

class SocketPathTest : public ::testing::Test {
 protected:
  SocketPathTest() {
    char path[] = "/tmp/howdah-socket-XXXXXX";
    directory_ = ::mkdtemp(path);
    path_ = directory_ + "/s";
  }
  ~SocketPathTest() override {
    ::unlink(path_.c_str());
    ::rmdir(directory_.c_str());
  }

  int Bind() {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(
        ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }

  std::string directory_;
  std::string path_;
};

TEST_F(SocketPathTest, StaleSocketsAreRemoved) {
  ::close(Bind());
  ASSERT_EQ(::access(path_.c_str(), F_OK), 0);
  EXPECT_OK(PrepareSocketPath(path_));
  EXPECT_NE(::access(path_.c_str(), F_OK), 0);
}

TEST_F(SocketPathTest, ServedSocketsAndOtherFilesAreKept) {
  const int fd = Bind();
  ASSERT_EQ(::listen(fd, 1), 0);
  EXPECT_THAT(PrepareSocketPath(path_), HasReason("SOCKET_PATH_UNUSABLE"));
  ::close(fd);
  ::unlink(path_.c_str());
  std::ofstream(path_) << "precious";
  EXPECT_THAT(PrepareSocketPath(path_), HasReason("SOCKET_PATH_UNUSABLE"));
  EXPECT_EQ(::access(path_.c_str(), F_OK), 0);
}

TEST_F(SocketPathTest, DirectoriesThatOthersWriteToAreRefused) {
  ASSERT_EQ(::chmod(directory_.c_str(), 0777), 0);
  EXPECT_THAT(PrepareSocketPath(path_), HasReason("SOCKET_PATH_UNUSABLE"));
  EXPECT_THAT(PrepareSocketPath(directory_ + "/none/s"),
              HasReason("SOCKET_PATH_UNUSABLE"));
}

}  // namespace
}  // namespace howdah::server

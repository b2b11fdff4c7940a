#include "backend/local/postgres/ping.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

#include "gtest/gtest.h"

namespace howdah::local::postgres {
namespace {

// The socket of a server, whose answers the test gives.
class PingTest : public ::testing::Test {
 protected:
  PingTest() {
    char name[] = "/tmp/howdah-ping-XXXXXX";
    endpoint_ = {mkdtemp(name), 5432};
  }
  ~PingTest() override {
    if (listener_ >= 0) close(listener_);
    std::filesystem::remove_all(endpoint_.socket_directory);
  }

  void Listen() {
    listener_ = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string path = endpoint_.socket_directory + "/.s.PGSQL.5432";
    path.copy(address.sun_path, path.size());
    ASSERT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&address),
                   sizeof(address)),
              0);
    ASSERT_EQ(listen(listener_, 1), 0);
  }

  Endpoint endpoint_;
  int listener_ = -1;
};

TEST_F(PingTest, AServerWithoutASocketDoesNotAnswer) {
  EXPECT_FALSE(Ping(endpoint_, absl::Seconds(60)));
}

TEST_F(PingTest, AServerThatNeverAcceptsDoesNotAnswer) {
  Listen();
  EXPECT_FALSE(Ping(endpoint_, absl::Milliseconds(1)));
  // Nor when its queue is full.
  for (int i = 0; i < 4; ++i) Ping(endpoint_, absl::ZeroDuration());
  EXPECT_FALSE(Ping(endpoint_, absl::Milliseconds(1)));
}

TEST_F(PingTest, AnyAnswerCountsARefusalToo) {
  Listen();
  std::thread server([this] {
    int client = accept(listener_, nullptr, nullptr);
    char question[8];
    EXPECT_EQ(recv(client, question, sizeof(question), MSG_WAITALL), 8);
    EXPECT_EQ(send(client, "E", 1, 0), 1);
    close(client);
  });
  EXPECT_TRUE(Ping(endpoint_, absl::Seconds(60)));
  server.join();
}

TEST_F(PingTest, OneThatHangsUpDoesNotAnswer) {
  Listen();
  std::thread server([this] { close(accept(listener_, nullptr, nullptr)); });
  EXPECT_FALSE(Ping(endpoint_, absl::Seconds(60)));
  server.join();
}

}  // namespace
}  // namespace howdah::local::postgres

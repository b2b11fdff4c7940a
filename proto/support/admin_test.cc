#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/support/admin_server.h"
#include "proto/support/metrics_text.h"
#include "tests/support/status_matchers.h"

namespace howdah::support {
namespace {

using howdah::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(MetricsTextTest, IsWhatPrometheusReads) {
  MetricsText text;
  text.Family("calls_total", "counter", "Calls that ended.");
  text.Sample({{"method", "List"}, {"code", "OK"}}, 3);
  text.Sample({{"method", "a\"b\\c\nd"}}, 0.5);
  text.Family("seconds", "summary", "Time.");
  text.Sample({}, 2, "_count");
  EXPECT_EQ(text.text(),
            "# HELP calls_total Calls that ended.\n"
            "# TYPE calls_total counter\n"
            "calls_total{method=\"List\",code=\"OK\"} 3\n"
            "calls_total{method=\"a\\\"b\\\\c\\nd\"} 0.5\n"
            "# HELP seconds Time.\n"
            "# TYPE seconds summary\n"
            "seconds_count 2\n");
}

TEST(MetricsTextTest, TellsOfTheProcess) {
  MetricsText text;
  text.Process();
  EXPECT_THAT(text.text(), HasSubstr("\nprocess_resident_memory_bytes "));
  EXPECT_THAT(text.text(), HasSubstr("\nprocess_start_time_seconds "));
}

class AdminServerTest : public ::testing::Test {
 protected:
  using tcp = boost::asio::ip::tcp;

  // What a client gets that sends this text.
  std::string Say(const std::string& text) {
    std::string said;
    std::thread client([&] {
      boost::asio::io_context io;
      tcp::socket socket(io);
      socket.connect({boost::asio::ip::make_address("127.0.0.1"), port_});
      boost::asio::write(socket, boost::asio::buffer(text));
      boost::system::error_code end;
      boost::asio::read(socket, boost::asio::dynamic_buffer(said), end);
      io_.stop();
    });
    io_.restart();
    io_.run();
    client.join();
    return said;
  }

  void Start() {
    const auto address = admin_.Start("0");
    ASSERT_OK(address);
    ASSERT_THAT(*address, StartsWith("127.0.0.1:"));
    port_ = static_cast<uint16_t>(std::stoi(address->substr(10)));
  }

  boost::asio::io_context io_;
  uint16_t port_ = 0;
  AdminServer admin_{
      io_, [](const std::string& path, const auto& answer) {
        if (path == "/metrics") {
          return answer({.body = "up 1\n", .content_type = "text/plain"});
        }
        answer(AdminServer::NothingHere());
      }};
};

TEST_F(AdminServerTest, AnswersAndCloses) {
  Start();
  const std::string said = Say("GET /metrics?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(said, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(said, HasSubstr("Content-Type: text/plain"));
  EXPECT_THAT(said, ::testing::EndsWith("\r\n\r\nup 1\n"));
}

TEST_F(AdminServerTest, WhatItDoesNotHaveItSays) {
  Start();
  EXPECT_THAT(Say("GET /etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n"),
              StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Say("POST /metrics HTTP/1.1\r\nHost: h\r\n\r\n"),
              StartsWith("HTTP/1.1 405"));
  EXPECT_EQ(Say("nonsense\r\n\r\n"), "");
}

TEST_F(AdminServerTest, AWrongAddressIsExplained) {
  for (const char* wrong : {"", "http", "99999", "localhost:1", "127.0.0.1"}) {
    EXPECT_THAT(
        admin_.Start(wrong),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0.0.0.0:9090")))
        << wrong;
  }
}

TEST_F(AdminServerTest, ATakenPortIsNamed) {
  Start();
  boost::asio::io_context io;
  AdminServer other(io, [](const std::string&, const auto&) {});
  EXPECT_THAT(other.Start(std::to_string(port_)),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr(std::to_string(port_))));
}

}  // namespace
}  // namespace howdah::support

#include "backend/local/postgres/forwarder.h"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "backend/local/postgres/free_port.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local::postgres {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

tcp::endpoint Loopback(int port) {
  return {boost::asio::ip::address_v4::loopback(), static_cast<uint16_t>(port)};
}

class ForwarderTest : public ::testing::Test {
 protected:
  ForwarderTest() : port_(*ports_.Allocate()) {}

  tcp::socket Connect() {
    tcp::socket socket(io_);
    socket.connect(Loopback(port_));
    return socket;
  }

  boost::asio::io_context io_;
  PortAllocator ports_;
  int port_;
  Forwarder forwarder_;
};

TEST_F(ForwarderTest, BytesGoBothWaysAndAHalfCloseArrives) {
  tcp::acceptor server(io_, Loopback(0));
  ASSERT_OK(forwarder_.Listen("a", port_));
  forwarder_.SetTargets("a", {server.local_endpoint().port()});
  tcp::socket client = Connect();
  tcp::socket peer = server.accept();
  boost::asio::write(client, boost::asio::buffer("ping", 4));
  client.shutdown(tcp::socket::shutdown_send);
  std::string got;
  error_code error;
  boost::asio::read(peer, boost::asio::dynamic_buffer(got), error);
  EXPECT_EQ(got, "ping");
  EXPECT_EQ(error, boost::asio::error::eof);
  boost::asio::write(peer, boost::asio::buffer("pong", 4));
  peer.close();
  got.clear();
  boost::asio::read(client, boost::asio::dynamic_buffer(got), error);
  EXPECT_EQ(got, "pong");
}

TEST_F(ForwarderTest, ConnectionsToATargetThatLeftAreCut) {
  tcp::acceptor old_server(io_, Loopback(0)), new_server(io_, Loopback(0));
  ASSERT_OK(forwarder_.Listen("a", port_));
  forwarder_.SetTargets("a", {old_server.local_endpoint().port()});
  tcp::socket client = Connect();
  tcp::socket peer = old_server.accept();
  forwarder_.SetTargets("a", {new_server.local_endpoint().port()});
  char byte;
  error_code error;
  client.read_some(boost::asio::buffer(&byte, 1), error);
  EXPECT_TRUE(error);
  tcp::socket again = Connect();
  tcp::socket other = new_server.accept();
  EXPECT_TRUE(other.is_open());
}

TEST_F(ForwarderTest, WithoutATargetAConnectionIsClosed) {
  ASSERT_OK(forwarder_.Listen("a", port_));
  tcp::socket client = Connect();
  char byte;
  error_code error;
  client.read_some(boost::asio::buffer(&byte, 1), error);
  EXPECT_TRUE(error);
}

TEST_F(ForwarderTest, APortOfSomebodyElseIsRefused) {
  tcp::acceptor other(io_, Loopback(port_));
  EXPECT_THAT(forwarder_.Listen("a", port_),
              ::howdah::testing::StatusIs(absl::StatusCode::kAlreadyExists));
}

}  // namespace
}  // namespace howdah::local::postgres

// The HTTP floor: a bare Boost.Beast server that answers every POST with the
// same JSON body, on one thread. What an HTTP door can at most reach here.
//
//   echo_server BYTES   prints "PORT\n", serves until killed.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "boost/asio.hpp"
#include "boost/beast.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Tcp::socket socket, const std::string& body)
      : socket_(std::move(socket)), body_(body) {}

  void Read() {
    request_ = {};
    http::async_read(
        socket_, buffer_, request_,
        [self = shared_from_this()](beast::error_code error, size_t) {
          if (!error) self->Write();
        });
  }

 private:
  void Write() {
    response_ = {};
    response_.result(http::status::ok);
    response_.set(http::field::content_type, "application/json");
    response_.body() = body_;
    response_.prepare_payload();
    http::async_write(
        socket_, response_,
        [self = shared_from_this()](beast::error_code error, size_t) {
          if (!error) self->Read();
        });
  }

  Tcp::socket socket_;
  const std::string& body_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void Accept(Tcp::acceptor& acceptor, const std::string& body) {
  acceptor.async_accept([&](beast::error_code error, Tcp::socket socket) {
    if (!error) {
      socket.set_option(Tcp::no_delay(true));
      std::make_shared<Connection>(std::move(socket), body)->Read();
    }
    Accept(acceptor, body);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const size_t bytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1500;
  const std::string body = "{\"text\":\"" + std::string(bytes, 'x') + "\"}";
  asio::io_context io(1);
  Tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  Accept(acceptor, body);
  io.run();
}

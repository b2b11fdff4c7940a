#include "proto/support/admin_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace howdah::support {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds kPatience{5};
constexpr int kMostConnections = 64;
constexpr std::uint32_t kLongestHead = 8 * 1024;

// One request and its answer.
class Visit : public std::enable_shared_from_this<Visit> {
 public:
  Visit(tcp::socket socket, std::shared_ptr<const AdminServer::Pages> pages,
        std::shared_ptr<int> open)
      : stream_(std::move(socket)),
        pages_(std::move(pages)),
        open_(std::move(open)) {
    ++*open_;
    parser_.header_limit(kLongestHead);
    parser_.body_limit(0);
  }
  ~Visit() { --*open_; }

  void Begin() {
    stream_.expires_after(kPatience);
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](error_code error, size_t) {
                       if (!error) self->OnRequest();
                     });
  }

 private:
  void OnRequest() {
    const auto& request = parser_.get();
    if (request.method() != http::verb::get) {
      return Send({.status = 405,
                   .body = R"({"error":"This address takes GET only."})"});
    }
    const std::string target(request.target());
    (*pages_)(target.substr(0, target.find('?')),
              [self = shared_from_this()](AdminPage page) {
                self->Send(std::move(page));
              });
  }

  void Send(AdminPage page) {
    answer_.result(static_cast<unsigned>(page.status));
    answer_.set(http::field::content_type, page.content_type);
    answer_.set(http::field::cache_control, "no-store");
    answer_.keep_alive(false);
    answer_.body() = std::move(page.body);
    answer_.prepare_payload();
    stream_.expires_after(kPatience);
    http::async_write(
        stream_, answer_, [self = shared_from_this()](error_code, size_t) {
          error_code ignored;
          self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        });
  }

  beast::tcp_stream stream_;
  const std::shared_ptr<const AdminServer::Pages> pages_;
  const std::shared_ptr<int> open_;
  beast::flat_buffer buffer_{kLongestHead};
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> answer_;
};

}  // namespace

class AdminServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, Pages pages)
      : acceptor_(io),
        pause_(io),
        pages_(std::make_shared<const Pages>(std::move(pages))) {}

  absl::StatusOr<std::string> Start(absl::string_view listen) {
    const size_t colon = listen.rfind(':');
    std::string host = "127.0.0.1";
    if (colon != absl::string_view::npos) {
      host = std::string(listen.substr(0, colon));
      if (host.size() > 1 && host.front() == '[') {
        host = host.substr(1, host.size() - 2);
      }
      listen.remove_prefix(colon + 1);
    }
    int port = 0;
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error || !absl::SimpleAtoi(listen, &port) || port < 0 ||
        port > UINT16_MAX) {
      return absl::InvalidArgumentError(
          "--admin-listen is a port, such as 9090, or a numeric address and a "
          "port, such as 0.0.0.0:9090.");
    }
    const tcp::endpoint endpoint(address, static_cast<uint16_t>(port));
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
      return absl::UnavailableError(
          absl::StrCat("Cannot listen on ", host, ":", port,
                       " for --admin-listen: ", error.message(), "."));
    }
    Accept();
    return absl::StrCat(host, ":", acceptor_.local_endpoint().port());
  }

  void Stop() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  void Accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error,
                                                       tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error && *self->open_ < kMostConnections) {
        std::make_shared<Visit>(std::move(socket), self->pages_, self->open_)
            ->Begin();
      }
      if (!self->acceptor_.is_open()) return;
      if (!error) return self->Accept();
      // Out of descriptors, most likely.
      self->pause_.expires_after(std::chrono::seconds(1));
      self->pause_.async_wait([self](error_code over) {
        if (!over) self->Accept();
      });
    });
  }

  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  const std::shared_ptr<const Pages> pages_;
  const std::shared_ptr<int> open_ = std::make_shared<int>(0);
};

AdminServer::AdminServer(asio::io_context& io, Pages pages)
    : impl_(std::make_shared<Impl>(io, std::move(pages))) {}

AdminServer::~AdminServer() { impl_->Stop(); }

absl::StatusOr<std::string> AdminServer::Start(absl::string_view listen) {
  return impl_->Start(listen);
}

AdminPage AdminServer::NothingHere() {
  return {.status = 404,
          .body = R"({"error":"Here are /health/live, /health/ready and )"
                  R"(/metrics."})"};
}

}  // namespace howdah::support

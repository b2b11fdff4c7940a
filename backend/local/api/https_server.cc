#include "backend/local/api/https_server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/local/api/https_connection.h"

namespace howdah::local {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

absl::Status ConfigureTls(asio::ssl::context& tls,
                          const HttpsServerOptions& options) {
  error_code error;
  tls.set_options(
      asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
          asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
          asio::ssl::context::no_tlsv1_1,
      error);
  if (!error) {
    tls.use_certificate_chain(asio::buffer(options.certificate_pem), error);
  }
  if (!error) {
    tls.use_private_key(asio::buffer(options.private_key_pem),
                        asio::ssl::context::pem, error);
  }
  if (error) {
    return absl::InternalError(
        absl::StrCat("Cannot use the server certificate: ", error.message()));
  }
  return absl::OkStatus();
}

}  // namespace

class HttpsServer::Impl {
 public:
  Impl(HttpsServerOptions options, ApiRouter& router)
      : options_(std::move(options)),
        router_(router),
        tls_(asio::ssl::context::tls_server),
        acceptor_(asio::make_strand(io_)) {}

  absl::Status Start() {
    absl::Status status = ConfigureTls(tls_, options_);
    if (!status.ok()) return status;
    error_code error;
    auto address = asio::ip::make_address(options_.host, error);
    if (error || !address.is_loopback()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--host ", options_.host,
          " is no loopback address; the local plane listens on 127.0.0.1 or "
          "::1 only."));
    }
    tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error == boost::system::errc::address_in_use) {
      return absl::AlreadyExistsError(
          absl::StrCat("Port ", options_.port, " on ", options_.host,
                       " is taken by another program; give another --port, or "
                       "--port 0 for a free one."));
    }
    if (error) {
      return absl::UnavailableError(
          absl::StrCat("Cannot listen on ", options_.host, ":", options_.port,
                       ": ", error.message()));
    }
    port_ = acceptor_.local_endpoint(error).port();
    Accept();
    for (int i = 0; i < options_.threads; ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
    return absl::OkStatus();
  }

  void Stop() {
    if (threads_.empty()) return;
    asio::post(acceptor_.get_executor(), [this] {
      stopping_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      connections_.CloseAll();
    });
    // The threads leave when the last connection has gone.
    work_.reset();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  uint16_t port() const { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept(
        asio::make_strand(io_), [this](error_code error, tcp::socket socket) {
          if (stopping_ || error == asio::error::operation_aborted) return;
          if (!error) {
            error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            StartConnection(std::move(socket), tls_, router_, options_,
                            connections_);
          }
          if (acceptor_.is_open()) Accept();
        });
  }

  const HttpsServerOptions options_;
  ApiRouter& router_;
  ConnectionSet connections_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{
      io_.get_executor()};
  asio::ssl::context tls_;
  tcp::acceptor acceptor_;
  bool stopping_ = false;  // on the acceptor's strand
  uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

HttpsServer::HttpsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpsServer::~HttpsServer() { Stop(); }

absl::StatusOr<std::unique_ptr<HttpsServer>> HttpsServer::Start(
    const HttpsServerOptions& options, ApiRouter& router) {
  auto impl = std::make_unique<Impl>(options, router);
  absl::Status status = impl->Start();
  if (!status.ok()) return status;
  return std::unique_ptr<HttpsServer>(new HttpsServer(std::move(impl)));
}

uint16_t HttpsServer::port() const { return impl_->port(); }

void HttpsServer::Stop() { impl_->Stop(); }

}  // namespace howdah::local

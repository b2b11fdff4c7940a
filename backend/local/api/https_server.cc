#include "backend/local/api/https_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/local/api/https_connection.h"
#include "backend/local/http/listener.h"
#include "proto/support/status_macros.h"

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
        tls_(asio::ssl::context::tls_server) {}

  absl::Status Start() {
    RETURN_IF_ERROR(ConfigureTls(tls_, options_));
    ListenerOptions options;
    options.host = options_.host;
    options.port = options_.port;
    options.threads = options_.threads;
    ASSIGN_OR_RETURN(listener_,
                     Listener::Start(options, [this](tcp::socket socket) {
                       StartConnection(std::move(socket), tls_, router_,
                                       options_, connections_);
                     }));
    return absl::OkStatus();
  }

  void Stop() { listener_->Stop(connections_); }

  uint16_t port() const { return listener_->port(); }

 private:
  const HttpsServerOptions options_;
  ApiRouter& router_;
  ConnectionSet connections_;
  asio::ssl::context tls_;
  std::unique_ptr<Listener> listener_;
};

HttpsServer::HttpsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpsServer::~HttpsServer() { Stop(); }

absl::StatusOr<std::unique_ptr<HttpsServer>> HttpsServer::Start(
    const HttpsServerOptions& options, ApiRouter& router) {
  auto impl = std::make_unique<Impl>(options, router);
  RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<HttpsServer>(new HttpsServer(std::move(impl)));
}

uint16_t HttpsServer::port() const { return impl_->port(); }

void HttpsServer::Stop() { impl_->Stop(); }

}  // namespace howdah::local

#include "adapter/upstream/backend_address.h"

#include <fcntl.h>
#include <sys/un.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "boost/asio/connect.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/local/stream_protocol.hpp"
#include "boost/asio/steady_timer.hpp"

namespace howdah::upstream {
namespace {

namespace asio = boost::asio;
using asio::generic::stream_protocol;
using boost::system::error_code;

absl::Status Malformed(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text,
                   "\" is not a backend address; give \"unix:/path\" or "
                   "\"host:port\", for example \"127.0.0.1:50051\"."));
}

// One attempt to connect: resolves, tries each address, gives up in time.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(asio::io_context& io, const BackendAddress& address,
          std::function<void(absl::StatusOr<BackendSocket>)> done)
      : address_(address),
        resolver_(io),
        socket_(io),
        timer_(io),
        done_(std::move(done)) {}

  void Start(absl::Duration timeout) {
    timer_.expires_after(absl::ToChronoNanoseconds(timeout));
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->Finish(asio::error::timed_out);
    });
    if (address_.is_unix()) {
      return Connect(
          {asio::local::stream_protocol::endpoint(address_.unix_path)});
    }
    resolver_.async_resolve(
        address_.host, address_.port,
        [self = shared_from_this()](error_code error, auto results) {
          if (error) return self->Finish(error);
          std::vector<stream_protocol::endpoint> endpoints;
          for (const auto& entry : results) {
            endpoints.emplace_back(entry.endpoint());
          }
          self->Connect(std::move(endpoints));
        });
  }

 private:
  void Connect(std::vector<stream_protocol::endpoint> endpoints) {
    endpoints_ = std::move(endpoints);
    asio::async_connect(
        socket_, endpoints_,
        [self = shared_from_this()](error_code error, const auto&) {
          self->Finish(error);
        });
  }

  void Finish(error_code error) {
    if (done_ == nullptr) return;
    const auto done = std::exchange(done_, nullptr);
    timer_.cancel();
    resolver_.cancel();
    error_code ignored;
    if (!error && !address_.is_unix()) {
      socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    if (!error) socket_.non_blocking(true, error);
    if (error) {
      socket_.close(ignored);
      return done(absl::UnavailableError(error.message()));
    }
    fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
    done(std::move(socket_));
  }

  BackendAddress address_;
  asio::ip::tcp::resolver resolver_;
  BackendSocket socket_;
  asio::steady_timer timer_;
  std::vector<stream_protocol::endpoint> endpoints_;
  std::function<void(absl::StatusOr<BackendSocket>)> done_;
};

}  // namespace

absl::StatusOr<BackendAddress> ParseBackendAddress(absl::string_view text) {
  BackendAddress address;
  address.text = std::string(text);
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    absl::ConsumePrefix(&rest, "//");
    if (rest.empty() || rest.size() >= sizeof(sockaddr_un::sun_path)) {
      return Malformed(text);
    }
    address.unix_path = std::string(rest);
    return address;
  }
  const size_t colon = rest.rfind(':');
  if (colon == absl::string_view::npos) return Malformed(text);
  absl::string_view host = rest.substr(0, colon);
  const absl::string_view port = rest.substr(colon + 1);
  const bool bracketed =
      absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  int number = 0;
  if (host.empty() || (!bracketed && absl::StrContains(host, ":")) ||
      absl::StrContains(host, "/") || !absl::SimpleAtoi(port, &number) ||
      number < 1 || number > 65535) {
    return Malformed(text);
  }
  address.host = std::string(host);
  address.port = std::string(port);
  return address;
}

void ConnectBackend(asio::io_context& io, const BackendAddress& address,
                    absl::Duration timeout,
                    std::function<void(absl::StatusOr<BackendSocket>)> done) {
  std::make_shared<Attempt>(io, address, std::move(done))->Start(timeout);
}

}  // namespace howdah::upstream

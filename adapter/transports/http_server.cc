#include "adapter/transports/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/transports/host_policy.h"
#include "adapter/transports/http_connection.h"
#include "adapter/transports/response_head.h"
#include "adapter/transports/tls_identity.h"

namespace howdah::transports {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Acceptor =
    asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

std::string Name(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6()
             ? absl::StrCat("[", address, "]:", endpoint.port())
             : absl::StrCat(address, ":", endpoint.port());
}

absl::Status CannotListen(const HttpOptions& options, const error_code& why) {
  return absl::UnavailableError(absl::StrCat(
      "Cannot listen on ", options.host, " port ", options.port, ": ",
      why.message(), ". Choose another with --port, for example --port 0."));
}

}  // namespace

class HttpTransport::Impl : public ConnectionOwner,
                            public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, HttpOptions options, MessageSink& sink)
      : shared_{std::move(options), HostPolicy({}, {}), sink,
                HttpDate(absl::Now())},
        io_(io),
        acceptor_(io.get_executor()),
        ticker_(io) {}

  absl::StatusOr<std::string> Start() {
    if (absl::Status status = Reconfigure(options_); !status.ok()) {
      return status;
    }
    error_code error;
    const std::string host =
        options_.host == "localhost" ? "127.0.0.1" : options_.host;
    const auto address = asio::ip::make_address(host, error);
    if (error) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--host must be a numeric address, for example 127.0.0.1, not \"",
          options_.host, "\"."));
    }
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(Acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) return CannotListen(options_, error);
    const tcp::endpoint bound = acceptor_.local_endpoint(error);
    if (error) return CannotListen(options_, error);
    Accept();
    Tick();
    return Name(bound);
  }

  absl::Status Reconfigure(HttpOptions options) {
    if (options.tls.empty()) {
      identity_ = nullptr;
    } else if (identity_ == nullptr || !(identity_->files() == options.tls)) {
      absl::StatusOr<std::unique_ptr<TlsIdentity>> loaded =
          TlsIdentity::Load(options.tls);
      if (!loaded.ok()) return loaded.status();
      identity_ = *std::move(loaded);
    } else if (absl::StatusOr<bool> changed = identity_->Refresh();
               !changed.ok()) {
      return changed.status();
    }
    options_ = std::move(options);
    shared_.hosts = HostPolicy(options_.host, options_.allowed_hosts,
                               options_.allowed_origins);
    return absl::OkStatus();
  }

  void Leave() { shared_.leaving = true; }

  void Stop(std::function<void()> on_end) {
    on_end_ = std::move(on_end);
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& connection : Snapshot()) connection->Drain();
    EndIfEmpty();
  }

  // The owner goes away: nothing may reach the sink any more.
  void Detach() {
    on_end_ = nullptr;
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& connection : Snapshot()) connection->Close();
    ticker_.cancel();
  }

  void OnClosed(HttpConnection& connection) override {
    connections_.erase(&connection);
    EndIfEmpty();
  }

 private:
  void Accept() {
    if (stopping_) return;
    accepting_ = true;
    acceptor_.async_accept(
        [self = shared_from_this()](error_code error, HttpSocket socket) {
          self->OnAccepted(error, std::move(socket));
        });
  }

  void OnAccepted(error_code error, HttpSocket socket) {
    accepting_ = false;
    if (stopping_) return;
    // Out of descriptors, most likely: the next tick tries again.
    if (error) return;
    error_code ignored;
    if (connections_.size() >= options_.max_connections) CloseIdle();
    if (connections_.size() >= options_.max_connections) {
      TurnAway(socket);
    } else {
      socket.set_option(tcp::no_delay(true), ignored);
      auto connection = std::make_shared<HttpConnection>(
          std::move(socket),
          identity_ == nullptr ? nullptr : &identity_->context(), shared_,
          *this);
      connections_[connection.get()] = connection;
      connection->Start();
    }
    Accept();
  }

  // Clients that only keep a connection open must not keep others out.
  void CloseIdle() {
    HttpConnection* longest = nullptr;
    for (const auto& entry : connections_) {
      if (!entry.first->idle_since()) continue;
      if (longest == nullptr ||
          *entry.first->idle_since() < *longest->idle_since()) {
        longest = entry.first;
      }
    }
    if (longest != nullptr) longest->Close();
  }

  void TurnAway(HttpSocket& socket) {
    // What is not TLS would only confuse.
    if (identity_ != nullptr) return;
    const std::string body = shared_.sink.Refusal(
        503, "Too many connections are open; try again later.");
    std::string answer;
    ResponseHead head;
    head.status = 503;
    head.date = shared_.date;
    head.length = body.size();
    head.keep_alive = false;
    AppendHead(answer, head);
    answer += body;
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(answer), ignored);
  }

  void Tick() {
    ticker_.expires_after(
        std::chrono::nanoseconds(absl::ToInt64Nanoseconds(options_.tick)));
    ticker_.async_wait([self = shared_from_this()](error_code error) {
      if (error) return;
      self->shared_.date = HttpDate(absl::Now());
      const auto now = HttpConnection::Clock::now();
      for (const auto& connection : self->Snapshot()) connection->Tick(now);
      if (!self->accepting_) self->Accept();
      self->LookAtCertificate(now);
      if (!self->stopping_ || !self->connections_.empty()) self->Tick();
    });
  }

  void LookAtCertificate(HttpConnection::Clock::time_point now) {
    const auto every =
        std::chrono::nanoseconds(absl::ToInt64Nanoseconds(options_.tls_check));
    if (identity_ == nullptr || now - looked_ < every) return;
    looked_ = now;
    absl::StatusOr<bool> changed = identity_->Refresh();
    if (changed.ok() && !*changed) return;
    Tell(changed.ok(), changed.ok() ? "The TLS certificate has been read again."
                                    : changed.status().message());
  }

  void Tell(bool good, absl::string_view sentence) {
    if (options_.on_notice) options_.on_notice(good, sentence);
  }

  void EndIfEmpty() {
    if (!stopping_ || !connections_.empty()) return;
    ticker_.cancel();
    if (on_end_) asio::post(io_, std::exchange(on_end_, nullptr));
  }

  // Connections may close, and leave the map, while it is walked.
  std::vector<std::shared_ptr<HttpConnection>> Snapshot() const {
    std::vector<std::shared_ptr<HttpConnection>> all;
    all.reserve(connections_.size());
    for (const auto& entry : connections_) all.push_back(entry.second);
    return all;
  }

  HttpShared shared_;
  HttpOptions& options_ = shared_.options;
  std::unique_ptr<TlsIdentity> identity_;
  // When the files of the identity were last looked at.
  HttpConnection::Clock::time_point looked_ = HttpConnection::Clock::now();
  asio::io_context& io_;
  Acceptor acceptor_;
  asio::steady_timer ticker_;
  std::function<void()> on_end_;
  bool accepting_ = false;
  bool stopping_ = false;
  absl::flat_hash_map<HttpConnection*, std::shared_ptr<HttpConnection>>
      connections_;
};

HttpTransport::HttpTransport(asio::io_context& io, HttpOptions options,
                             MessageSink& sink)
    : impl_(std::make_shared<Impl>(io, std::move(options), sink)) {}

HttpTransport::~HttpTransport() { impl_->Detach(); }

absl::StatusOr<std::string> HttpTransport::Start() { return impl_->Start(); }

absl::Status HttpTransport::Reconfigure(HttpOptions options) {
  return impl_->Reconfigure(std::move(options));
}

void HttpTransport::Leave() { impl_->Leave(); }

void HttpTransport::Stop(std::function<void()> on_end) {
  impl_->Stop(std::move(on_end));
}

}  // namespace howdah::transports

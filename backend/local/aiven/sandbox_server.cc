#include "backend/local/aiven/sandbox_server.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "backend/local/http/listener.h"
#include "proto/support/status_macros.h"

namespace howdah::local::aiven {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kIdleTimeout = std::chrono::seconds(50);
constexpr auto kWriteTimeout = std::chrono::seconds(30);

std::string Text(beast::string_view text) { return {text.data(), text.size()}; }

// One connection: requests one after the other. Threads: all on the strand of
// its socket, but for the work of a call.
class Connection final : public OpenConnection,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, SandboxApi& api, asio::thread_pool& workers,
             const SandboxServerOptions& options, ConnectionSet& connections)
      : stream_(std::move(socket)),
        timer_(stream_.get_executor()),
        api_(api),
        workers_(workers),
        options_(options),
        connections_(connections) {}

  ~Connection() override { connections_.Remove(this); }

  void Run() {
    asio::dispatch(stream_.get_executor(),
                   [self = shared_from_this()] { self->Read(); });
  }

  void Close() override {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] {
      self->closed_ = true;
      self->timer_.cancel();
      self->stream_.close();
    });
  }

 private:
  void Read() {
    if (closed_) return;
    parser_.emplace();
    parser_->body_limit(options_.max_body);
    parser_->header_limit(options_.max_header);
    stream_.expires_after(kIdleTimeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, size_t) {
                       if (error == http::error::body_limit) {
                         self->RefuseBody();
                       } else if (!error) {
                         self->Work();
                       }
                     });
  }

  void RefuseBody() {
    keep_alive_ = false;
    head_only_ = false;
    Answer answer;
    answer.status = 413;
    answer.content_type = "text/plain";
    answer.body = "Request Entity Too Large";
    Write(std::move(answer));
  }

  void Work() {
    http::request<http::string_body> message = parser_->release();
    keep_alive_ = message.keep_alive();
    head_only_ = message.method() == http::verb::head;
    Request request;
    request.method = Text(message.method_string());
    request.target = Text(message.target());
    request.authorization = Text(message[http::field::authorization]);
    request.content_type = Text(message[http::field::content_type]);
    request.body = std::move(message.body());
    stream_.expires_never();
    asio::post(workers_, [self = shared_from_this(),
                          request = std::move(request)]() mutable {
      Answer answer = self->api_.Handle(request);
      asio::post(self->stream_.get_executor(),
                 [self, answer = std::move(answer)]() mutable {
                   self->Send(std::move(answer));
                 });
    });
  }

  void Send(Answer answer) {
    if (closed_) return;
    if (answer.delay <= absl::ZeroDuration()) return Finish(std::move(answer));
    timer_.expires_after(absl::ToChronoMilliseconds(answer.delay));
    timer_.async_wait([self = shared_from_this(),
                       answer = std::move(answer)](error_code error) mutable {
      if (!error && !self->closed_) self->Finish(std::move(answer));
    });
  }

  void Finish(Answer answer) {
    switch (answer.ending) {
      case Ending::kWhole:
        return Write(std::move(answer));
      case Ending::kHalf:
        return WriteHalf(std::move(answer));
      case Ending::kReset:
        return Reset();
      case Ending::kHang:
        return Hang();
    }
  }

  void Prepare(Answer& answer) {
    response_.emplace(static_cast<http::status>(answer.status), 11);
    if (!answer.content_type.empty() && answer.status != 204) {
      response_->set(http::field::content_type, answer.content_type);
    }
    for (const auto& [name, value] : answer.headers) {
      response_->set(name, value);
    }
    response_->keep_alive(keep_alive_);
    if (answer.status != 204) response_->content_length(answer.body.size());
    stream_.expires_after(kWriteTimeout);
  }

  void Write(Answer answer) {
    Prepare(answer);
    if (!head_only_) response_->body() = std::move(answer.body);
    http::async_write(stream_, *response_,
                      [self = shared_from_this()](error_code error, size_t) {
                        if (error) return;
                        if (self->keep_alive_) {
                          self->Read();
                        } else {
                          self->stream_.close();
                        }
                      });
  }

  // The header promises more than comes.
  void WriteHalf(Answer answer) {
    Prepare(answer);
    response_->body() = answer.body.substr(0, answer.body.size() / 2);
    http::async_write(stream_, *response_,
                      [self = shared_from_this()](error_code, size_t) {
                        self->stream_.close();
                      });
  }

  void Reset() {
    error_code ignored;
    stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
    stream_.close();
  }

  // Until the client leaves.
  void Hang() {
    stream_.expires_never();
    stream_.async_read_some(
        buffer_.prepare(512),
        [self = shared_from_this()](error_code error, size_t) {
          if (error) {
            self->stream_.close();
          } else {
            self->Hang();
          }
        });
  }

  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  SandboxApi& api_;
  asio::thread_pool& workers_;
  const SandboxServerOptions& options_;
  ConnectionSet& connections_;

  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  bool keep_alive_ = true;
  bool head_only_ = false;
  bool closed_ = false;
};

}  // namespace

class SandboxServer::Impl {
 public:
  Impl(SandboxServerOptions options, SandboxApi& api)
      : options_(std::move(options)),
        api_(api),
        workers_(static_cast<size_t>(options_.workers)) {}

  absl::Status Start() {
    ListenerOptions options;
    options.host = options_.host;
    options.port = options_.port;
    ASSIGN_OR_RETURN(listener_,
                     Listener::Start(options, [this](tcp::socket socket) {
                       Serve(std::move(socket));
                     }));
    return absl::OkStatus();
  }

  void Stop() {
    if (listener_ == nullptr) return;
    listener_->Stop(connections_);
    // What these still work on has nobody to answer to.
    workers_.join();
  }

  uint16_t port() const { return listener_->port(); }

 private:
  void Serve(tcp::socket socket) {
    auto connection = std::make_shared<Connection>(
        std::move(socket), api_, workers_, options_, connections_);
    if (connections_.Add(connection,
                         static_cast<size_t>(options_.max_connections))) {
      connection->Run();
    }
  }

  const SandboxServerOptions options_;
  SandboxApi& api_;
  ConnectionSet connections_;
  asio::thread_pool workers_;
  std::unique_ptr<Listener> listener_;
};

SandboxServer::SandboxServer(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

SandboxServer::~SandboxServer() { Stop(); }

absl::StatusOr<std::unique_ptr<SandboxServer>> SandboxServer::Start(
    const SandboxServerOptions& options, SandboxApi& api) {
  auto impl = std::make_unique<Impl>(options, api);
  RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<SandboxServer>(new SandboxServer(std::move(impl)));
}

uint16_t SandboxServer::port() const { return impl_->port(); }

void SandboxServer::Stop() { impl_->Stop(); }

}  // namespace howdah::local::aiven

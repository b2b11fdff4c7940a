#include "backend/local/api/https_server.h"

#include <array>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/api_request.h"
#include "backend/local/api/watch_stream.h"

namespace howdah::local {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kHandshakeTimeout = std::chrono::seconds(10);
constexpr auto kIdleTimeout = std::chrono::minutes(5);
constexpr auto kDrainTimeout = std::chrono::seconds(5);
constexpr size_t kMaxDrained = 64 * 1024 * 1024;
constexpr auto kWriteTimeout = std::chrono::seconds(30);
// A watcher that reads nothing while this much waits is cut off.
constexpr size_t kMaxWaiting = 32 * 1024 * 1024;

class Connection;

// Knows the open connections, to count and to close them.
class ConnectionSet {
 public:
  bool Add(const std::shared_ptr<Connection>& connection, size_t limit) {
    std::lock_guard lock(mutex_);
    if (open_.size() >= limit) return false;
    open_.insert({connection.get(), connection});
    return true;
  }
  void Remove(Connection* connection) {
    std::lock_guard lock(mutex_);
    open_.erase(connection);
  }
  std::vector<std::shared_ptr<Connection>> All() {
    std::vector<std::shared_ptr<Connection>> all;
    std::lock_guard lock(mutex_);
    for (auto& [pointer, weak] : open_) {
      if (auto connection = weak.lock()) all.push_back(std::move(connection));
    }
    return all;
  }

 private:
  std::mutex mutex_;
  std::map<Connection*, std::weak_ptr<Connection>> open_;
};

// One connection: handshake, then requests one after the other, until a watch
// takes it over or the client leaves. Threads: all on the strand of its socket.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, asio::ssl::context& tls, ApiRouter& router,
             const HttpsServerOptions& options, ConnectionSet& connections)
      : stream_(std::move(socket), tls),
        timer_(stream_.get_executor()),
        deadline_(stream_.get_executor()),
        router_(router),
        options_(options),
        connections_(connections) {}

  ~Connection() { connections_.Remove(this); }

  void Run() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] {
      beast::get_lowest_layer(self->stream_).expires_after(kHandshakeTimeout);
      self->stream_.async_handshake(asio::ssl::stream_base::server,
                                    [self](error_code error) {
                                      if (!error) self->Read();
                                    });
    });
  }

  void Close() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] {
      self->EndWatch();
      self->CloseSocket();
    });
  }

 private:
  void CloseSocket() {
    timer_.cancel();
    deadline_.cancel();
    beast::get_lowest_layer(stream_).close();
  }

  void Read() {
    parser_.emplace();
    parser_->body_limit(options_.max_body);
    parser_->header_limit(options_.max_header);
    beast::get_lowest_layer(stream_).expires_after(kIdleTimeout);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, size_t) {
          if (error == http::error::header_limit) {
            self->Refuse(ApiError(431, "RequestHeaderFieldsTooLarge",
                                  "the request header is too large"));
          } else if (error == http::error::end_of_stream) {
            self->Shutdown();
          } else if (!error) {
            self->ReadBody();
          }
        });
  }

  void ReadBody() {
    if (http::token_list(parser_->get()[http::field::expect])
            .exists("100-continue")) {
      auto go_on = std::make_shared<http::response<http::empty_body>>(
          http::status::continue_, 11);
      http::async_write(
          stream_, *go_on,
          [self = shared_from_this(), go_on](error_code error, size_t) {
            if (!error) self->ReadRest();
          });
      return;
    }
    ReadRest();
  }

  void ReadRest() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, size_t) {
                       if (error == http::error::body_limit) {
                         self->Refuse(TooLarge(
                             absl::StrCat("Request entity too large: limit is ",
                                          self->options_.max_body)));
                       } else if (!error) {
                         self->Answer();
                       }
                     });
  }

  static std::string Text(beast::string_view text) {
    return {text.data(), text.size()};
  }

  void Answer() {
    http::request<http::string_body> message = parser_->release();
    keep_alive_ = message.keep_alive();
    head_only_ = message.method() == http::verb::head;
    ApiRequest request;
    request.method = head_only_ ? "GET" : Text(message.method_string());
    request.target = Text(message.target());
    request.accept = Text(message[http::field::accept]);
    request.content_type = Text(message[http::field::content_type]);
    request.authorization = Text(message[http::field::authorization]);
    request.body = std::move(message.body());
    ApiResponse response = router_.Handle(request);
    if (response.watch != nullptr) {
      StartWatch(std::move(response.watch));
    } else {
      Write(std::move(response));
    }
  }

  // Answers a request that was not read to its end; the connection is closed.
  void Refuse(const absl::Status& status) {
    keep_alive_ = false;
    head_only_ = false;
    refused_ = true;
    Write(ApiRouter::ErrorResponse(status));
  }

  void Write(ApiResponse response) {
    response_.emplace(static_cast<http::status>(response.code), 11);
    response_->set(http::field::content_type, response.content_type);
    response_->set(http::field::cache_control, "no-cache, private");
    for (const std::string& text : response.warnings) {
      response_->insert(http::field::warning,
                        absl::StrCat("299 - \"", EscapeWarning(text), "\""));
    }
    if (response.code == 401) {
      response_->set(http::field::www_authenticate, "Bearer");
    }
    response_->keep_alive(keep_alive_);
    size_t size = response.body.size();
    if (!head_only_) response_->body() = std::move(response.body);
    response_->content_length(size);
    beast::get_lowest_layer(stream_).expires_after(kWriteTimeout);
    http::async_write(stream_, *response_,
                      [self = shared_from_this()](error_code error, size_t) {
                        if (error) return;
                        if (self->keep_alive_) {
                          self->Read();
                        } else if (self->refused_) {
                          self->Drain();
                        } else {
                          self->Shutdown();
                        }
                      });
  }

  static std::string EscapeWarning(const std::string& text) {
    std::string out;
    for (char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
    }
    return out;
  }

  // Takes what a refused client is still sending, within limits: closing at
  // once would make its system throw the answer away.
  void Drain() {
    auto scratch = std::make_shared<std::array<char, 16384>>();
    if (drained_ == 0) {
      beast::get_lowest_layer(stream_).expires_after(kDrainTimeout);
    }
    stream_.async_read_some(
        asio::buffer(*scratch),
        [self = shared_from_this(), scratch](error_code error, size_t size) {
          self->drained_ += size + 1;
          if (error || self->drained_ > kMaxDrained) {
            self->CloseSocket();
          } else {
            self->Drain();
          }
        });
  }

  void Shutdown() {
    beast::get_lowest_layer(stream_).expires_after(std::chrono::seconds(2));
    stream_.async_shutdown(
        [self = shared_from_this()](error_code) { self->CloseSocket(); });
  }

  // --- watch ---

  void StartWatch(std::shared_ptr<WatchStream> watch) {
    watch_ = std::move(watch);
    watching_.emplace(http::status::ok, 11);
    watching_->set(http::field::content_type, "application/json");
    watching_->set(http::field::cache_control, "no-cache, private");
    watching_->chunked(true);
    serializer_.emplace(*watching_);
    beast::get_lowest_layer(stream_).expires_after(kWriteTimeout);
    http::async_write_header(
        stream_, *serializer_,
        [self = shared_from_this()](error_code error, size_t) {
          if (!error && self->watch_ != nullptr) self->Stream();
        });
  }

  void Stream() {
    beast::get_lowest_layer(stream_).expires_never();
    // Lines come from the store's thread.
    std::weak_ptr<Connection> weak = weak_from_this();
    auto executor = stream_.get_executor();
    bool alive = watch_->Start([weak, executor](std::string line) {
      asio::post(executor, [weak, line = std::move(line)]() mutable {
        if (auto self = weak.lock()) self->Enqueue(std::move(line));
      });
    });
    if (!alive) {
      asio::post(executor, [self = shared_from_this()] { self->Finish(); });
      return;
    }
    if (watch_->timeout() != absl::InfiniteDuration()) {
      deadline_.expires_after(absl::ToChronoMilliseconds(watch_->timeout()));
      deadline_.async_wait([self = shared_from_this()](error_code error) {
        if (error || self->watch_ == nullptr) return;
        if (self->watch_->wants_bookmarks()) {
          self->Enqueue(self->watch_->Bookmark());
        }
        self->Finish();
      });
    }
    if (watch_->wants_bookmarks()) ScheduleBookmark();
    NoticeEnd();
  }

  // The client sends nothing more; a read ends when it leaves.
  void NoticeEnd() {
    auto scratch = std::make_shared<std::array<char, 512>>();
    stream_.async_read_some(
        asio::buffer(*scratch),
        [self = shared_from_this(), scratch](error_code error, size_t) {
          if (error) {
            self->EndWatch();
            self->CloseSocket();
          } else {
            self->NoticeEnd();
          }
        });
  }

  void ScheduleBookmark() {
    timer_.expires_after(absl::ToChronoMilliseconds(options_.bookmark_period));
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (error || self->watch_ == nullptr) return;
      self->Enqueue(self->watch_->Bookmark());
      self->ScheduleBookmark();
    });
  }

  void Enqueue(std::string line) {
    if (finishing_) return;
    waiting_ += line.size();
    if (waiting_ > kMaxWaiting) {
      EndWatch();
      CloseSocket();
      return;
    }
    pending_ += line;
    if (!writing_) WritePending();
  }

  void WritePending() {
    writing_ = true;
    auto chunk = std::make_shared<std::string>(std::move(pending_));
    pending_.clear();
    beast::get_lowest_layer(stream_).expires_never();
    asio::async_write(
        stream_, http::make_chunk(asio::buffer(*chunk)),
        [self = shared_from_this(), chunk](error_code error, size_t) {
          self->writing_ = false;
          self->waiting_ -= chunk->size();
          if (error) {
            self->EndWatch();
            self->CloseSocket();
          } else if (!self->pending_.empty()) {
            self->WritePending();
          } else if (self->finishing_) {
            self->WriteEnd();
          }
        });
  }

  // Ends the stream in order, after what waits.
  void Finish() {
    if (finishing_) return;
    EndWatch();
    finishing_ = true;
    if (!writing_) WriteEnd();
  }

  void WriteEnd() {
    timer_.cancel();
    deadline_.cancel();
    asio::async_write(stream_, http::make_chunk_last(),
                      [self = shared_from_this()](error_code, size_t) {
                        self->CloseSocket();
                      });
  }

  void EndWatch() { watch_.reset(); }

  beast::ssl_stream<beast::tcp_stream> stream_;
  asio::steady_timer timer_;
  asio::steady_timer deadline_;
  ApiRouter& router_;
  const HttpsServerOptions& options_;
  ConnectionSet& connections_;

  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  bool keep_alive_ = true;
  bool head_only_ = false;
  bool refused_ = false;
  size_t drained_ = 0;

  std::shared_ptr<WatchStream> watch_;
  std::optional<http::response<http::empty_body>> watching_;
  std::optional<http::response_serializer<http::empty_body>> serializer_;
  std::string pending_;
  size_t waiting_ = 0;
  bool writing_ = false;
  bool finishing_ = false;
};

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
    if (!error)
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
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
      for (auto& connection : connections_.All()) connection->Close();
    });
    // The threads leave when the last connection has gone.
    work_.reset();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  uint16_t port() const { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept(asio::make_strand(io_), [this](error_code error,
                                                          tcp::socket socket) {
      if (stopping_ || error == asio::error::operation_aborted) return;
      if (!error) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        auto connection = std::make_shared<Connection>(
            std::move(socket), tls_, router_, options_, connections_);
        if (connections_.Add(connection,
                             static_cast<size_t>(options_.max_connections))) {
          connection->Run();
        }
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

#include "backend/local/api/https_connection.h"

#include <array>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/api_request.h"
#include "backend/local/api/response_stream.h"

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

// One connection: handshake, then requests one after the other, until a watch
// takes it over or the client leaves. Threads: all on the strand of its socket.
class Connection final : public OpenConnection,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, asio::ssl::context& tls, ApiRouter& router,
             const HttpsServerOptions& options, ConnectionSet& connections)
      : stream_(std::move(socket), tls),
        timer_(stream_.get_executor()),
        deadline_(stream_.get_executor()),
        router_(router),
        options_(options),
        connections_(connections) {}

  ~Connection() override { connections_.Remove(this); }

  void Run() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] {
      beast::get_lowest_layer(self->stream_).expires_after(kHandshakeTimeout);
      self->stream_.async_handshake(asio::ssl::stream_base::server,
                                    [self](error_code error) {
                                      if (!error) self->Read();
                                    });
    });
  }

  void Close() override {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] {
      self->EndStream();
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
          } else if (error == http::error::body_limit) {
            self->RefuseBody();
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
                         self->RefuseBody();
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
    request.method = Text(message.method_string());
    request.target = Text(message.target());
    request.accept = Text(message[http::field::accept]);
    request.content_type = Text(message[http::field::content_type]);
    request.user_agent = Text(message[http::field::user_agent]);
    request.authorization = Text(message[http::field::authorization]);
    request.host = Text(message[http::field::host]);
    request.body = std::move(message.body());
    ApiResponse response = router_.Handle(request);
    if (response.stream != nullptr) {
      StartStream(std::move(response));
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

  void RefuseBody() {
    Refuse(TooLarge(absl::StrCat("Request entity too large: limit is ",
                                 options_.max_body)));
  }

  void Write(ApiResponse response) {
    response_.emplace(static_cast<http::status>(response.code), 11);
    response_->set(http::field::content_type, response.content_type);
    response_->set(http::field::cache_control, "no-cache, private");
    for (const std::string& text : response.warnings) {
      response_->insert(http::field::warning,
                        absl::StrCat("299 - \"", EscapeWarning(text), "\""));
    }
    if (absl::StartsWith(response.content_type, "text/plain;")) {
      response_->set("X-Content-Type-Options", "nosniff");
    }
    if (response.retry_after > 0) {
      response_->set(http::field::retry_after,
                     std::to_string(response.retry_after));
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

  // --- watches and followed logs ---

  void StartStream(ApiResponse response) {
    source_ = std::move(response.stream);
    streaming_.emplace(http::status::ok, 11);
    streaming_->set(http::field::content_type, response.content_type);
    streaming_->set(http::field::cache_control, "no-cache, private");
    streaming_->chunked(true);
    serializer_.emplace(*streaming_);
    beast::get_lowest_layer(stream_).expires_after(kWriteTimeout);
    http::async_write_header(
        stream_, *serializer_,
        [self = shared_from_this()](error_code error, size_t) {
          if (!error && self->source_ != nullptr) self->Stream();
        });
  }

  void Stream() {
    beast::get_lowest_layer(stream_).expires_never();
    // Lines of a watch come from the store's thread.
    std::weak_ptr<Connection> weak = weak_from_this();
    auto executor = stream_.get_executor();
    bool alive = source_->Start([weak, executor](std::string line) {
      asio::post(executor, [weak, line = std::move(line)]() mutable {
        if (auto self = weak.lock()) self->Enqueue(std::move(line));
      });
    });
    if (!alive) {
      asio::post(executor, [self = shared_from_this()] { self->Finish(); });
      return;
    }
    if (source_->timeout() != absl::InfiniteDuration()) {
      deadline_.expires_after(absl::ToChronoMilliseconds(source_->timeout()));
      deadline_.async_wait([self = shared_from_this()](error_code error) {
        if (error || self->source_ == nullptr) return;
        self->Enqueue(self->source_->Tick().value_or(""));
        self->Finish();
      });
    }
    ScheduleTick();
    NoticeEnd();
  }

  // The client sends nothing more; a read ends when it leaves.
  void NoticeEnd() {
    auto scratch = std::make_shared<std::array<char, 512>>();
    stream_.async_read_some(
        asio::buffer(*scratch),
        [self = shared_from_this(), scratch](error_code error, size_t) {
          if (error) {
            self->EndStream();
            self->CloseSocket();
          } else {
            self->NoticeEnd();
          }
        });
  }

  void ScheduleTick() {
    const absl::Duration period = source_->Period(options_.bookmark_period);
    if (period == absl::InfiniteDuration()) return;
    timer_.expires_after(absl::ToChronoMilliseconds(period));
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (error || self->source_ == nullptr) return;
      std::optional<std::string> text = self->source_->Tick();
      if (!text) {
        self->Finish();
        return;
      }
      self->Enqueue(*std::move(text));
      self->ScheduleTick();
    });
  }

  void Enqueue(std::string line) {
    if (finishing_ || line.empty()) return;
    waiting_ += line.size();
    if (waiting_ > kMaxWaiting) {
      EndStream();
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
            self->EndStream();
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
    EndStream();
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

  void EndStream() { source_.reset(); }

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

  std::shared_ptr<ResponseStream> source_;
  std::optional<http::response<http::empty_body>> streaming_;
  std::optional<http::response_serializer<http::empty_body>> serializer_;
  std::string pending_;
  size_t waiting_ = 0;
  bool writing_ = false;
  bool finishing_ = false;
};

}  // namespace

void StartConnection(tcp::socket socket, asio::ssl::context& tls,
                     ApiRouter& router, const HttpsServerOptions& options,
                     ConnectionSet& connections) {
  auto connection = std::make_shared<Connection>(std::move(socket), tls, router,
                                                 options, connections);
  if (connections.Add(connection,
                      static_cast<size_t>(options.max_connections))) {
    connection->Run();
  }
}

}  // namespace howdah::local

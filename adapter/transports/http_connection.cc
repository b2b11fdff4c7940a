#include "adapter/transports/http_connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapter/transports/response_head.h"

namespace howdah::transports {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 16 * 1024;

// Bytes that may wait in the buffer while another request is under way.
constexpr std::size_t kReadAheadBytes = 64 * 1024;

// Unwritten bytes of a stream above which its reader is too slow.
constexpr std::size_t kStreamBytes = 1024 * 1024;

// How long a client may take to see that the connection is closing.
constexpr absl::Duration kLinger = absl::Seconds(2);

constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";

absl::string_view PathOf(absl::string_view target) {
  return target.substr(0, target.find('?'));
}

bool IsJson(absl::string_view content_type) {
  constexpr absl::string_view kJson = "application/json";
  return absl::StartsWithIgnoreCase(content_type, kJson) &&
         (content_type.size() == kJson.size() ||
          content_type[kJson.size()] == ';' ||
          content_type[kJson.size()] == ' ');
}

// What is served where.
struct Route {
  absl::string_view path;
  absl::string_view methods;
  bool is_health = false;
};

constexpr std::array<Route, 5> kRoutes = {{
    {"/mcp", "POST, GET, DELETE"},
    {"/", "POST"},
    {"/sse-transport/sse", "GET"},
    {"/sse-transport/messages", "POST"},
    {"/health", "GET", true},
}};

const Route* FindRoute(absl::string_view path) {
  for (const Route& route : kRoutes) {
    if (route.path == path) return &route;
  }
  return nullptr;
}

bool TakesMethod(const Route& route, absl::string_view method) {
  for (absl::string_view one : absl::StrSplit(route.methods, ", ")) {
    if (one == method) return true;
  }
  return false;
}

}  // namespace

HttpConnection::HttpConnection(HttpSocket socket, HttpShared& shared,
                               ConnectionOwner& owner)
    : socket_(std::move(socket)), shared_(shared), owner_(owner) {
  // A wrong host must not leave room for a long buffer.
  buffer_.max_size(kReadAheadBytes + kReadBytes);
}

void HttpConnection::Start() {
  NextRequest();
  Read();
}

void HttpConnection::AllowFor(absl::Duration duration) {
  deadline_ = Clock::now() +
              std::chrono::nanoseconds(absl::ToInt64Nanoseconds(duration));
}

void HttpConnection::NextRequest() {
  state_ = State::kIdle;
  parser_.emplace(request_);
  parser_->header_limit(
      static_cast<std::uint32_t>(shared_.options.max_header_bytes));
  parser_->body_limit(shared_.options.max_body_bytes);
  more_headers_.clear();
  streaming_ = stream_ended_ = listening_ = continue_sent_ = false;
  AllowFor(shared_.options.idle_timeout);
}

void HttpConnection::Read() {
  if (reading_ || closed_ || buffer_.size() >= kReadAheadBytes) return;
  reading_ = true;
  socket_.async_read_some(
      buffer_.prepare(kReadBytes),
      [self = shared_from_this()](error_code error, std::size_t size) {
        self->OnRead(error, size);
      });
}

void HttpConnection::OnRead(error_code error, std::size_t size) {
  reading_ = false;
  if (closed_) return;
  if (error) return Close();
  buffer_.commit(size);
  if (state_ == State::kLingering) {
    buffer_.consume(buffer_.size());
    return Read();
  }
  Process();
}

void HttpConnection::Process() {
  while (!closed_ && buffer_.size() > 0 &&
         (state_ == State::kIdle || state_ == State::kReceiving)) {
    if (state_ == State::kIdle) {
      state_ = State::kReceiving;
      AllowFor(shared_.options.transfer_timeout);
    }
    error_code error;
    const std::size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error == http::error::need_more) {
      break;
    }
    if (error) {
      keep_alive_ = false;
      if (error == http::error::body_limit) {
        Refuse(413, absl::StrCat("A request body may have ",
                                 shared_.options.max_body_bytes,
                                 " bytes at most; send smaller arguments."));
      } else if (error == http::error::header_limit) {
        Refuse(431, absl::StrCat("Request headers may have ",
                                 shared_.options.max_header_bytes,
                                 " bytes at most; send fewer."));
      } else {
        Refuse(400, "This is no HTTP/1.1 request that can be read.");
      }
    } else if (parser_->is_done()) {
      Handle();
    } else if (used == 0) {
      break;
    }
  }
  if (state_ == State::kReceiving && parser_->is_header_done()) SendContinue();
  Read();
}

// A client that asked first waits for this before it sends a long body.
void HttpConnection::SendContinue() {
  if (continue_sent_ ||
      !absl::EqualsIgnoreCase(request_.Header("Expect"), "100-continue")) {
    return;
  }
  continue_sent_ = true;
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.write_some(asio::buffer(kContinue, sizeof(kContinue) - 1), ignored);
}

void HttpConnection::Handle() {
  state_ = State::kHandling;
  deadline_.reset();
  keep_alive_ = request_.version >= 11 && parser_->keep_alive() && !draining_;
  if (request_.Repeats("Host") ||
      !shared_.hosts.Allows(request_.Header("Host"),
                            request_.Header("Origin"))) {
    return Refuse(403,
                  "The Host or Origin header names a host that this server "
                  "does not serve; use localhost, or start it with that host "
                  "allowed.");
  }
  const Route* route = FindRoute(PathOf(request_.target));
  if (route == nullptr) {
    return Refuse(404, "There is nothing here; MCP is served at /mcp.");
  }
  if (!TakesMethod(*route, request_.method)) {
    SetHeader("Allow", route->methods);
    return Refuse(405, absl::StrCat("Here is only ", route->methods,
                                    "; MCP is served at /mcp."));
  }
  if (route->is_health) return WriteAnswer(200, R"({"status":"ok"})");
  HandleMessage();
}

void HttpConnection::HandleMessage() {
  const std::string& method = request_.method;
  if (method == "POST" && !IsJson(request_.Header("Content-Type"))) {
    return Refuse(415,
                  "The body must be JSON; send Content-Type: "
                  "application/json.");
  }
  at_sink_ = true;
  if (method == "POST") {
    shared_.sink.OnMessage(request_.body, *this);
  } else if (method == "GET") {
    listening_ = true;
    shared_.sink.OnListen(*this);
  } else {
    shared_.sink.OnEnd(*this);
  }
}

void HttpConnection::Refuse(int status, absl::string_view sentence) {
  WriteAnswer(status, shared_.sink.Refusal(status, sentence));
}

absl::string_view HttpConnection::Header(absl::string_view name) const {
  return request_.Header(name);
}

absl::string_view HttpConnection::Target() const { return request_.target; }

bool HttpConnection::Streams() const {
  return request_.version >= 11 && PathOf(request_.target) != "/" &&
         absl::StrContains(absl::AsciiStrToLower(request_.Header("Accept")),
                           "text/event-stream");
}

void HttpConnection::SetHeader(absl::string_view name,
                               absl::string_view value) {
  absl::StrAppend(&more_headers_, name, ": ", value, "\r\n");
}

void HttpConnection::Open() {
  if (streaming_ || closed_ || !at_sink_ || !Streams()) return;
  streaming_ = true;
  ResponseHead head;
  head.date = shared_.date;
  head.stream = true;
  head.keep_alive = keep_alive_;
  head.more_headers = more_headers_;
  AppendHead(stream_, head);
  stream_ += kCommentChunk;
  Flush();
}

void HttpConnection::Send(std::string message) { SendEvent({.data = message}); }

void HttpConnection::SendEvent(const StreamEvent& event) {
  Open();
  if (!streaming_ || overflowed_) return;
  if (stream_.size() > kStreamBytes) return CloseSlowReader();
  AppendEvent(stream_, event);
  Flush();
}

// Not at once: the sink, whose exchange this is, is in the middle of something.
void HttpConnection::CloseSlowReader() {
  overflowed_ = true;
  asio::post(socket_.get_executor(),
             [self = shared_from_this()] { self->Close(); });
}

void HttpConnection::Finish(Reply reply) {
  at_sink_ = false;
  if (closed_) return;
  if (!streaming_) return WriteAnswer(reply.status, std::move(reply.body));
  if (!reply.body.empty()) AppendEvent(stream_, {.data = reply.body});
  stream_ += kLastChunk;
  stream_ended_ = true;
  state_ = State::kAnswering;
  AllowFor(shared_.options.transfer_timeout);
  Flush();
}

void HttpConnection::WriteAnswer(int status, std::string body) {
  state_ = State::kAnswering;
  AllowFor(shared_.options.transfer_timeout);
  if (draining_) keep_alive_ = false;
  body_ = std::move(body);
  head_.clear();
  ResponseHead head;
  head.status = status;
  head.date = shared_.date;
  head.length = body_.size();
  head.keep_alive = keep_alive_;
  head.more_headers = more_headers_;
  AppendHead(head_, head);
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head_),
                                                     asio::buffer(body_)};
  asio::async_write(socket_, buffers,
                    [self = shared_from_this()](error_code error, std::size_t) {
                      self->OnAnswered(error);
                    });
}

void HttpConnection::OnAnswered(error_code error) {
  if (closed_) return;
  if (error) return Close();
  body_ = std::string();
  if (!keep_alive_ || draining_) return Linger();
  NextRequest();
  Process();
}

// Closing with bytes unread would reset the connection, and the client might
// lose the answer. So the rest is read and thrown away, for a moment.
void HttpConnection::Linger() {
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  state_ = State::kLingering;
  AllowFor(kLinger);
  buffer_.consume(buffer_.size());
  Read();
}

// Writes the stream's pieces one after the other.
void HttpConnection::Flush() {
  if (flushing_ || closed_ || stream_.empty()) return;
  flushing_ = true;
  writing_.swap(stream_);
  stream_.clear();
  last_sent_ = Clock::now();
  asio::async_write(socket_, asio::buffer(writing_),
                    [self = shared_from_this()](error_code error, std::size_t) {
                      self->flushing_ = false;
                      if (self->closed_) return;
                      if (error) return self->Close();
                      if (!self->stream_.empty()) return self->Flush();
                      if (self->stream_ended_) self->OnAnswered({});
                    });
}

void HttpConnection::Tick(Clock::time_point now) {
  if (closed_) return;
  if (deadline_ && now > *deadline_) {
    if (state_ != State::kReceiving) return Close();
    keep_alive_ = false;
    return Refuse(408, "The request did not arrive in time.");
  }
  const auto silence = std::chrono::nanoseconds(
      absl::ToInt64Nanoseconds(shared_.options.stream_keep_alive));
  const auto patience = std::chrono::nanoseconds(
      absl::ToInt64Nanoseconds(shared_.options.transfer_timeout));
  // The client takes nothing any more.
  if (flushing_ && now - last_sent_ > patience) return Close();
  if (streaming_ && !stream_ended_ && !flushing_ &&
      now - last_sent_ >= silence) {
    stream_ += kCommentChunk;
    Flush();
  }
}

void HttpConnection::Drain() {
  draining_ = true;
  if (state_ == State::kIdle || state_ == State::kReceiving ||
      state_ == State::kLingering || listening_) {
    Close();
  }
}

void HttpConnection::Close() {
  if (closed_) return;
  closed_ = true;
  // The owner's may be the last reference.
  auto self = shared_from_this();
  error_code ignored;
  socket_.shutdown(boost::asio::socket_base::shutdown_both, ignored);
  socket_.close(ignored);
  if (std::exchange(at_sink_, false)) shared_.sink.OnGone(*this);
  owner_.OnClosed(*this);
}

}  // namespace howdah::transports

#include "adapter/transports/http_connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/transports/http_routes.h"
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

// Bytes of a body that are not worth counting.
constexpr std::size_t kUncountedBytes = 64 * 1024;

// Memory of an answer that is kept for the next.
constexpr std::size_t kKeptAnswerBytes = 128 * 1024;

// What pages of other origins may read beside the body.
constexpr char kExposedHeaders[] =
    "Mcp-Session-Id, WWW-Authenticate, Retry-After";

// How long a client may take to see that the connection is closing.
constexpr absl::Duration kLinger = absl::Seconds(2);

constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";

bool IsJson(absl::string_view content_type) {
  constexpr absl::string_view kJson = "application/json";
  return absl::StartsWithIgnoreCase(content_type, kJson) &&
         (content_type.size() == kJson.size() ||
          content_type[kJson.size()] == ';' ||
          content_type[kJson.size()] == ' ');
}

}  // namespace

HttpConnection::HttpConnection(HttpSocket socket,
                               boost::asio::ssl::context* tls,
                               HttpShared& shared, ConnectionOwner& owner)
    : socket_(std::move(socket), tls), shared_(shared), owner_(owner) {
  // A wrong host must not leave room for a long buffer.
  buffer_.max_size(kReadAheadBytes + kReadBytes);
}

void HttpConnection::Start() {
  if (!socket_.secure()) {
    NextRequest();
    return Read();
  }
  state_ = State::kHandshaking;
  AllowFor(shared_.options.transfer_timeout);
  socket_.AsyncHandshake([self = shared_from_this()](error_code error) {
    if (self->closed_) return;
    if (error || self->draining_) return self->Close();
    self->NextRequest();
    self->Read();
  });
}

HttpConnection::Clock::time_point HttpConnection::AllowFor(
    absl::Duration duration) {
  const Clock::time_point now = Clock::now();
  deadline_ =
      now + std::chrono::nanoseconds(absl::ToInt64Nanoseconds(duration));
  return now;
}

void HttpConnection::NextRequest() {
  state_ = State::kIdle;
  for (std::string* text : {&answer_, &stream_, &writing_}) {
    if (text->capacity() > kKeptAnswerBytes) std::string().swap(*text);
  }
  parser_.emplace(request_);
  parser_->header_limit(
      static_cast<std::uint32_t>(shared_.options.max_header_bytes));
  parser_->body_limit(shared_.options.max_body_bytes);
  more_headers_.clear();
  EndListening();
  ReleaseBody();
  streaming_ = stream_ended_ = continue_sent_ = false;
  idle_since_ = AllowFor(shared_.options.idle_timeout);
}

void HttpConnection::Read() {
  if (reading_ || closed_ || buffer_.size() >= kReadAheadBytes) return;
  reading_ = true;
  socket_.AsyncRead(
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
    if (!CountArriving()) {
      ReleaseBody();
      keep_alive_ = false;
      SetHeader("Retry-After", "1");
      return Refuse(503,
                    "Too many long requests are arriving; try again in a "
                    "moment.");
    }
    if (error == http::error::need_more) {
      break;
    }
    if (error) {
      RefuseUnread(error);
    } else if (parser_->is_done()) {
      Handle();
    } else if (used == 0) {
      break;
    }
  }
  if (state_ == State::kReceiving && parser_->is_header_done()) SendContinue();
  Read();
}

void HttpConnection::RefuseUnread(error_code why) {
  ReleaseBody();
  keep_alive_ = false;
  if (why == http::error::body_limit) {
    Refuse(413, absl::StrCat("A request body may have ",
                             shared_.options.max_body_bytes,
                             " bytes at most; send smaller arguments."));
  } else if (why == http::error::header_limit) {
    Refuse(431, absl::StrCat("Request headers may have ",
                             shared_.options.max_header_bytes,
                             " bytes at most; send fewer."));
  } else {
    Refuse(400, "This is no HTTP/1.1 request that can be read.");
  }
}

// False if all clients together are sending too much.
bool HttpConnection::CountArriving() {
  if (request_.body.size() <= kUncountedBytes) return true;
  const std::size_t more = request_.body.size() - arriving_bytes_;
  arriving_bytes_ += more;
  shared_.arriving_bytes += more;
  return shared_.arriving_bytes <= shared_.options.max_arriving_bytes;
}

// A long body is not kept while its answer is made.
void HttpConnection::ReleaseBody() {
  if (arriving_bytes_ == 0) return;
  shared_.arriving_bytes -= std::exchange(arriving_bytes_, 0);
  std::string().swap(request_.body);  // Assigning would keep the memory.
}

// A client that asked first waits for this before it sends a long body.
void HttpConnection::SendContinue() {
  if (continue_sent_ ||
      !absl::EqualsIgnoreCase(request_.Header("Expect"), "100-continue")) {
    return;
  }
  continue_sent_ = continuing_ = true;
  // Nothing else is being written: a request is only read when the answer to
  // the one before has gone. What comes meanwhile waits.
  socket_.AsyncWrite(
      asio::buffer(kContinue, sizeof(kContinue) - 1),
      [self = shared_from_this()](error_code error, std::size_t) {
        self->continuing_ = false;
        if (self->closed_) return;
        if (error) return self->Close();
        if (self->streaming_) return self->Flush();
        if (self->state_ == State::kAnswering) {
          self->SendAnswer();
        }
      });
}

void HttpConnection::Handle() {
  state_ = State::kHandling;
  deadline_.reset();
  keep_alive_ = request_.version >= 11 && parser_->keep_alive() && !draining_ &&
                !shared_.leaving;
  if (!Admit()) {
    return Refuse(403,
                  "The Host or Origin header names a host that this server "
                  "does not serve; use localhost, or start it with that host "
                  "allowed.");
  }
  const Route* route = FindRoute(request_.target);
  if (route == nullptr) {
    return Refuse(404, "There is nothing here; MCP is served at /mcp.");
  }
  if (request_.method == "OPTIONS" &&
      shared_.hosts.MayRead(request_.Header("Origin"))) {
    return Preflight(route->methods);
  }
  if (!TakesMethod(*route, request_.method)) {
    SetHeader("Allow", route->methods);
    return Refuse(405, absl::StrCat("Here is only ", route->methods,
                                    "; MCP is served at /mcp."));
  }
  if (route->is_document) return HandleFetch();
  if (route->is_probe) return HandleProbe();
  HandleMessage();
}

// Whether the request was meant for this server. Lets pages of a named origin
// read the answer, whatever it will be.
bool HttpConnection::Admit() {
  const absl::string_view origin = request_.Header("Origin");
  if (request_.Repeats("Host") ||
      (!origin.empty() && request_.Repeats("Origin")) ||
      !shared_.hosts.Allows(request_.Header("Host"), origin)) {
    return false;
  }
  if (origin.empty() || !shared_.hosts.MayRead(origin)) return true;
  SetHeader("Access-Control-Allow-Origin", origin);
  SetHeader("Access-Control-Expose-Headers", kExposedHeaders);
  SetHeader("Vary", "Origin");
  return true;
}

// A browser asks before it sends what a page wants sent. Which headers the page
// sends is its own affair.
void HttpConnection::Preflight(absl::string_view methods) {
  SetHeader("Access-Control-Allow-Methods", methods);
  const absl::string_view wanted =
      request_.Header("Access-Control-Request-Headers");
  if (!wanted.empty()) SetHeader("Access-Control-Allow-Headers", wanted);
  SetHeader("Access-Control-Max-Age", "600");
  WriteAnswer(204, {});
}

void HttpConnection::HandleMessage() {
  const std::string& method = request_.method;
  if (method == "POST" && !IsJson(request_.Header("Content-Type"))) {
    return Refuse(415,
                  "The body must be JSON; send Content-Type: "
                  "application/json.");
  }
  if (method == "GET" && !BeginListening()) {
    SetHeader("Retry-After", "10");
    return Refuse(503, "Too many event streams are open; try again later.");
  }
  at_sink_ = true;
  if (method == "POST") {
    shared_.sink.OnMessage(request_.body, *this);
    ReleaseBody();
  } else if (method == "GET") {
    shared_.sink.OnListen(*this);
  } else {
    shared_.sink.OnEnd(*this);
  }
}

void HttpConnection::HandleFetch() {
  at_sink_ = true;
  shared_.sink.OnFetch(*this);
}

void HttpConnection::HandleProbe() {
  if (shared_.options.probes_reach_sink) return HandleFetch();
  WriteAnswer(200, R"({"status":"ok"})");
}

void HttpConnection::Refuse(int status, absl::string_view sentence) {
  WriteAnswer(status, shared_.sink.Refusal(status, sentence));
}

absl::string_view HttpConnection::Header(absl::string_view name) const {
  return request_.Header(name);
}

absl::string_view HttpConnection::Target() const { return request_.target; }

absl::string_view HttpConnection::RemoteAddress() const {
  if (remote_address_.empty()) {
    error_code error;
    const auto endpoint =
        const_cast<ClientSocket&>(socket_).transport().remote_endpoint(error);
    if (!error) remote_address_ = endpoint.address().to_string();
  }
  return remote_address_;
}

bool HttpConnection::Streams() const {
  return request_.version >= 11 && PathOf(request_.target) != kPlainDoor &&
         absl::StrContains(absl::AsciiStrToLower(request_.Header("Accept")),
                           "text/event-stream");
}

void HttpConnection::SetHeader(absl::string_view name,
                               absl::string_view value) {
  absl::StrAppend(&more_headers_, name, ": ", value, "\r\n");
}

bool HttpConnection::BeginListening() {
  if (listening_) return true;
  if (shared_.listeners >= shared_.options.max_listeners) return false;
  listening_ = true;
  ++shared_.listeners;
  return true;
}

void HttpConnection::EndListening() {
  if (std::exchange(listening_, false)) --shared_.listeners;
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
  asio::post(socket_.transport().get_executor(),
             [self = shared_from_this()] { self->Close(); });
}

void HttpConnection::Finish(Reply reply) {
  at_sink_ = false;
  if (closed_) return;
  EndListening();
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
  if (draining_ || shared_.leaving) keep_alive_ = false;
  answer_.clear();
  ResponseHead head;
  head.status = status;
  head.date = shared_.date;
  head.length = body.size();
  head.keep_alive = keep_alive_;
  head.more_headers = more_headers_;
  AppendHead(answer_, head);
  answer_ += body;
  if (!continuing_) SendAnswer();
}

void HttpConnection::SendAnswer() {
  socket_.AsyncWrite(asio::buffer(answer_), [self = shared_from_this()](
                                                error_code error, std::size_t) {
    self->OnAnswered(error);
  });
}

void HttpConnection::OnAnswered(error_code error) {
  if (closed_) return;
  if (error) return Close();
  if (!keep_alive_ || draining_) return Linger();
  NextRequest();
  Process();
}

// Closing with bytes unread would reset the connection, and the client might
// lose the answer. So the rest is read and thrown away, for a moment.
void HttpConnection::Linger() {
  error_code ignored;
  socket_.transport().shutdown(asio::socket_base::shutdown_send, ignored);
  state_ = State::kLingering;
  AllowFor(kLinger);
  buffer_.consume(buffer_.size());
  Read();
}

// Writes the stream's pieces one after the other.
void HttpConnection::Flush() {
  if (flushing_ || continuing_ || closed_ || stream_.empty()) return;
  flushing_ = true;
  writing_.swap(stream_);
  stream_.clear();
  last_sent_ = Clock::now();
  socket_.AsyncWrite(
      asio::buffer(writing_),
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
  if (state_ == State::kHandshaking || state_ == State::kIdle ||
      state_ == State::kLingering || listening_) {
    Close();
  }
}

void HttpConnection::Close() {
  if (closed_) return;
  closed_ = true;
  // The owner's may be the last reference.
  auto self = shared_from_this();
  EndListening();
  ReleaseBody();
  error_code ignored;
  socket_.transport().shutdown(asio::socket_base::shutdown_both, ignored);
  socket_.transport().close(ignored);
  if (std::exchange(at_sink_, false)) shared_.sink.OnGone(*this);
  owner_.OnClosed(*this);
}

}  // namespace howdah::transports

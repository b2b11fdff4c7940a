#include "adapter/upstream/http2_connection.h"

#include <nghttp2/nghttp2.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/post.hpp"

namespace howdah::upstream {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// What the other side may send ahead of being read: a long list then arrives
// without a round trip for each 64 KiB. On one machine there is no bandwidth to
// probe for.
constexpr int32_t kStreamWindowBytes = 4 * 1024 * 1024;
constexpr int32_t kConnectionWindowBytes = 64 * 1024 * 1024;

// Of an answer's header or trailer fields: details of errors are among them.
// nghttp2 gives up a connection that brings much more.
constexpr uint32_t kMostHeaderBytes = 32 * 1024;

// What is gathered for one write.
constexpr std::size_t kWriteBytes = 256 * 1024;

// nghttp2 takes names and values as bytes that could be changed, and does not
// change them. They live as long as the stream, so it needs no copy.
nghttp2_nv ToField(const HeaderField& field) {
  auto bytes = [](absl::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(field.name), bytes(field.value), field.name.size(),
          field.value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

absl::string_view ToText(const uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// A frame's length of three bytes, and its type.
constexpr std::size_t kFirstWordBytes = 4;

// What comes first is a SETTINGS frame, shorter than 64 KiB. Where the
// connection broke within it, it was HTTP/2 all the same.
bool BeginsHttp2(absl::string_view first_word) {
  return first_word.empty() ||
         (first_word.front() == 0 && (first_word.size() < kFirstWordBytes ||
                                      first_word.back() == NGHTTP2_SETTINGS));
}

Http2Stream* StreamOf(nghttp2_session* session, int32_t id) {
  return static_cast<Http2Stream*>(
      nghttp2_session_get_stream_user_data(session, id));
}

}  // namespace

// What nghttp2 calls while it takes bytes in or gives them out.
struct Http2Connection::Callbacks {
  static Http2Connection& Self(void* data) {
    return *static_cast<Http2Connection*>(data);
  }

  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame,
                      const uint8_t* name, std::size_t name_size,
                      const uint8_t* value, std::size_t value_size,
                      uint8_t /*flags*/, void* /*data*/) {
    Http2Stream* stream = StreamOf(session, frame->hd.stream_id);
    if (stream != nullptr) {
      stream->OnField(ToText(name, name_size), ToText(value, value_size));
    }
    return 0;
  }

  static int OnData(nghttp2_session* session, uint8_t /*flags*/, int32_t id,
                    const uint8_t* bytes, std::size_t size, void* data) {
    Http2Connection& self = Self(data);
    const auto found = self.streams_.find(id);
    if (found == self.streams_.end()) return 0;
    const auto& stream = found->second;
    if (!stream->OnData(ToText(bytes, size))) self.Reset(*stream);
    if (self.noted_.empty() || self.noted_.back() != stream) {
      self.noted_.push_back(stream);
    }
    return 0;
  }

  static int OnFrame(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                     void* data) {
    if (frame->hd.type == NGHTTP2_GOAWAY) Self(data).retired_ = true;
    return 0;
  }

  static int OnNotSent(nghttp2_session* session, const nghttp2_frame* frame,
                       int /*why*/, void* /*data*/) {
    Http2Stream* stream = StreamOf(session, frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_HEADERS && stream != nullptr) {
      stream->refused_ = true;
    }
    return 0;
  }

  static int OnStreamClose(nghttp2_session* session, int32_t id, uint32_t code,
                           void* data) {
    const Http2Stream* stream = StreamOf(session, id);
    const bool refused = code == NGHTTP2_REFUSED_STREAM ||
                         (stream != nullptr && stream->refused_);
    Self(data).End(id, refused                    ? StreamEnd::kNeverProcessed
                       : code == NGHTTP2_NO_ERROR ? StreamEnd::kWhole
                                                  : StreamEnd::kReset);
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session* /*session*/, int32_t /*id*/,
                          uint8_t* to, std::size_t size, uint32_t* flags,
                          nghttp2_data_source* source, void* /*data*/) {
    auto& unsent = static_cast<Http2Stream*>(source->ptr)->unsent_;
    const std::size_t part = std::min(size, unsent.size());
    std::memcpy(to, unsent.data(), part);
    unsent.remove_prefix(part);
    if (unsent.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(part);
  }

  // The same for all connections.
  static const nghttp2_session_callbacks* All() {
    static const nghttp2_session_callbacks* const kAll = [] {
      nghttp2_session_callbacks* made = nullptr;
      nghttp2_session_callbacks_new(&made);
      nghttp2_session_callbacks_set_on_header_callback(made, OnHeader);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, OnData);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, OnFrame);
      nghttp2_session_callbacks_set_on_frame_not_send_callback(made, OnNotSent);
      nghttp2_session_callbacks_set_on_stream_close_callback(made,
                                                             OnStreamClose);
      return made;
    }();
    return kAll;
  }
};

std::shared_ptr<Http2Connection> Http2Connection::Make(
    BackendSocket socket, const Keepalive& keepalive,
    std::function<void()> on_retired) {
  std::shared_ptr<Http2Connection> connection(
      new Http2Connection(std::move(socket), keepalive, std::move(on_retired)));
  connection->Start();
  return connection;
}

Http2Connection::Http2Connection(BackendSocket socket,
                                 const Keepalive& keepalive,
                                 std::function<void()> on_retired)
    : socket_(std::move(socket)),
      keepalive_(keepalive),
      on_retired_(std::move(on_retired)),
      silence_(socket_.get_executor()) {
  nghttp2_session_client_new(&session_, Callbacks::All(), this);
}

Http2Connection::~Http2Connection() { nghttp2_session_del(session_); }

void Http2Connection::Start() {
  constexpr std::array<nghttp2_settings_entry, 4> kSettings = {{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindowBytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kMostHeaderBytes},
  }};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, kSettings.data(),
                          kSettings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        kConnectionWindowBytes);
  FlushSoon();
  Read();
}

void Http2Connection::Open(std::shared_ptr<Http2Stream> stream,
                           absl::Span<const HeaderField> fields,
                           absl::string_view body) {
  absl::InlinedVector<nghttp2_nv, 12> list;
  for (const HeaderField& field : fields) list.push_back(ToField(field));
  stream->unsent_ = body;
  stream->refused_ = false;
  nghttp2_data_provider provider;
  provider.source.ptr = stream.get();
  provider.read_callback = Callbacks::ReadBody;
  stream->id_ = nghttp2_submit_request(session_, nullptr, list.data(),
                                       list.size(), &provider, stream.get());
  FlushSoon();
  if (stream->id_ > 0) {
    streams_.emplace(stream->id_, std::move(stream));
    WatchSilence();
    return;
  }
  // A connection has two thousand million streams, and no more.
  stream->OnEnd(StreamEnd::kNeverProcessed);
  noted_.push_back(std::move(stream));
  retired_ = true;
}

void Http2Connection::Reset(const Http2Stream& stream) {
  if (!streams_.contains(stream.id_)) return;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id_,
                            NGHTTP2_CANCEL);
  FlushSoon();
}

void Http2Connection::Retire() {
  on_retired_ = nullptr;
  retired_ = true;
  FlushSoon();
}

void Http2Connection::Close() {
  if (std::exchange(closed_, true)) return;
  error_code ignored;
  socket_.close(ignored);
  silence_.cancel();
  const StreamEnd end =
      BeginsHttp2(first_word_) ? StreamEnd::kLost : StreamEnd::kNotHttp2;
  for (auto& [id, stream] : streams_) {
    stream->OnEnd(end);
    noted_.push_back(std::move(stream));
  }
  streams_.clear();
  TellRetired();
  TellStreams();
}

bool Http2Connection::ClosedByPeer() {
  pollfd socket = {socket_.native_handle(), POLLRDHUP, 0};
  return closed_ ||
         (poll(&socket, 1, 0) > 0 &&
          (socket.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0);
}

void Http2Connection::Read() {
  socket_.async_read_some(
      asio::buffer(in_),
      [self = shared_from_this()](error_code error, std::size_t size) {
        if (self->closed_) return;
        if (error) return self->Close();
        self->OnRead(size);
      });
}

void Http2Connection::OnRead(std::size_t size) {
  heard_ = true;
  absl::StrAppend(
      &first_word_,
      ToText(in_.data(), size).substr(0, kFirstWordBytes - first_word_.size()));
  if (nghttp2_session_mem_recv(session_, in_.data(), size) < 0) return Close();
  if (retired_) TellRetired();
  TellStreams();
  if (closed_) return;
  if (nghttp2_session_want_write(session_) != 0) FlushSoon();
  CloseIfDone();
  if (!closed_) Read();
}

void Http2Connection::FlushSoon() {
  if (flush_posted_ || closed_) return;
  flush_posted_ = true;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->flush_posted_ = false;
    self->Flush();
  });
}

void Http2Connection::Flush() {
  while (!closed_ && !unwritable_ && Fill()) {
    error_code error;
    written_ += socket_.write_some(
        asio::buffer(out_.data() + written_, out_.size() - written_), error);
    if (error == asio::error::would_block) {
      WhenWritable();
    } else if (error) {
      // Answers may still wait to be read; after them reading fails, too.
      unwritable_ = true;
    }
  }
  if (retired_) TellRetired();
  TellStreams();
  CloseIfDone();
}

// Whether there are bytes to write.
bool Http2Connection::Fill() {
  if (written_ < out_.size()) return true;
  out_.clear();
  written_ = 0;
  while (out_.size() < kWriteBytes) {
    const uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size <= 0) break;
    out_.append(reinterpret_cast<const char*>(bytes), size);
  }
  return !out_.empty();
}

void Http2Connection::WhenWritable() {
  unwritable_ = true;
  socket_.async_wait(asio::socket_base::wait_write,
                     [self = shared_from_this()](error_code error) {
                       if (error || self->closed_) return;
                       self->unwritable_ = false;
                       self->Flush();
                     });
}

void Http2Connection::WatchSilence() {
  if (watching_ || closed_) return;
  if (streams_.empty()) {
    asked_ = false;
    return;
  }
  watching_ = true;
  heard_ = false;
  silence_.expires_after(absl::ToChronoNanoseconds(
      asked_ ? keepalive_.patience : keepalive_.silence));
  silence_.async_wait([self = shared_from_this()](error_code error) {
    if (error || self->closed_) return;
    self->watching_ = false;
    const bool unanswered = self->asked_ && !self->heard_;
    if (unanswered) return self->Close();
    self->asked_ = !self->heard_;
    if (self->asked_) {
      nghttp2_submit_ping(self->session_, NGHTTP2_FLAG_NONE, nullptr);
      self->FlushSoon();
    }
    self->WatchSilence();
  });
}

void Http2Connection::End(int32_t id, StreamEnd end) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  found->second->OnEnd(end);
  noted_.push_back(std::move(found->second));
  streams_.erase(found);
}

void Http2Connection::TellStreams() {
  while (!noted_.empty()) {
    auto streams = std::exchange(noted_, std::move(spare_));
    for (const auto& stream : streams) stream->OnProgress();
    streams.clear();
    spare_ = std::move(streams);
  }
}

void Http2Connection::CloseIfDone() {
  if (closed_) return;
  const bool finished = nghttp2_session_want_read(session_) == 0 &&
                        nghttp2_session_want_write(session_) == 0;
  const bool idle = streams_.empty() && written_ == out_.size();
  if (finished || (retired_ && idle)) Close();
}

void Http2Connection::TellRetired() {
  retired_ = true;
  if (const auto tell = std::exchange(on_retired_, nullptr)) tell();
}

}  // namespace howdah::upstream

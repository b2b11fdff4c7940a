// One HTTP/2 connection on the adapter's one thread: nghttp2 on a socket of
// Asio. Knows streams, not what they mean.
//
//   auto connection = Http2Connection::Make(std::move(socket), {}, on_retired);
//   connection->Open(stream, fields, body);   // sent at the end of this turn
//   // then stream->OnField, OnData, OnEnd, and OnProgress after them
//
// nghttp2 only turns bytes into events and back. What is said during one turn
// of the loop, by any number of streams, goes out with one write; what one read
// brings is told to the streams only after all of it was taken in, so that they
// may do as they like: open and reset streams, close or drop the connection.
#ifndef HOWDAH_ADAPTER_UPSTREAM_HTTP2_CONNECTION_H_
#define HOWDAH_ADAPTER_UPSTREAM_HTTP2_CONNECTION_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "adapter/upstream/backend_address.h"
#include "boost/asio/basic_waitable_timer.hpp"

struct nghttp2_session;

namespace howdah::upstream {

struct HeaderField {
  absl::string_view name;
  absl::string_view value;
};

enum class StreamEnd {
  kWhole,
  // The other side gave the stream up.
  kReset,
  // The other side has not looked at it, so nothing was done.
  kNeverProcessed,
  // The connection broke.
  kLost,
  // What the other side said is no HTTP/2, from its first word.
  kNotHttp2,
};

// A connection whose other side has died, or is stuck, may look open for ever.
struct Keepalive {
  // While streams are open and nothing has come for so long (at most twice), a
  // sign of life is asked for. A backend of ours takes it for an attack more
  // often than every ten seconds.
  absl::Duration silence = absl::Seconds(30);
  // If nothing comes for so long after that, the connection is given up.
  absl::Duration patience = absl::Seconds(20);
};

// One request with its answer. The first three only take notes: nghttp2 is at
// work when they are called.
class Http2Stream {
 public:
  virtual ~Http2Stream() = default;

  virtual void OnField(absl::string_view name, absl::string_view value) = 0;
  // False if the rest of the answer is not wanted.
  virtual bool OnData(absl::string_view bytes) = 0;
  virtual void OnEnd(StreamEnd end) = 0;
  // Something was noted.
  virtual void OnProgress() = 0;

 private:
  friend class Http2Connection;
  int32_t id_ = 0;
  absl::string_view unsent_;
  bool refused_ = false;
};

// Threads: the one that runs the io_context.
// Owns: the socket; itself while it is open; streams until they end.
// Limits: no TLS, no server push, bodies that are there when the stream opens.
class Http2Connection : public std::enable_shared_from_this<Http2Connection> {
 public:
  // `on_retired` is called once: no new stream should be opened, because the
  // other side goes away, or has. Not called after Retire or Close.
  static std::shared_ptr<Http2Connection> Make(
      BackendSocket socket, const Keepalive& keepalive,
      std::function<void()> on_retired);
  ~Http2Connection();

  // What `fields` and `body` point to must live as long as the stream.
  void Open(std::shared_ptr<Http2Stream> stream,
            absl::Span<const HeaderField> fields, absl::string_view body);
  // Tells the other side that the answer is not wanted.
  void Reset(const Http2Stream& stream);

  // Ends the connection when the last of its streams has ended.
  void Retire();
  // Ends it now; its streams are lost.
  void Close();

  // Whether the other side has closed, whatever waits to be read.
  bool ClosedByPeer();

 private:
  struct Callbacks;
  Http2Connection(BackendSocket socket, const Keepalive& keepalive,
                  std::function<void()> on_retired);

  void Start();
  void Read();
  void OnRead(std::size_t size);
  void FlushSoon();
  void Flush();
  bool Fill();
  void WhenWritable();
  void WatchSilence();
  void End(int32_t id, StreamEnd end);
  void TellStreams();
  void CloseIfDone();
  void TellRetired();

  BackendSocket socket_;
  const Keepalive keepalive_;
  std::function<void()> on_retired_;
  nghttp2_session* session_ = nullptr;
  absl::flat_hash_map<int32_t, std::shared_ptr<Http2Stream>> streams_;
  // Streams with something noted; the second one keeps its memory for later.
  std::vector<std::shared_ptr<Http2Stream>> noted_;
  std::vector<std::shared_ptr<Http2Stream>> spare_;
  std::string out_;
  std::size_t written_ = 0;
  bool flush_posted_ = false;
  bool unwritable_ = false;
  bool retired_ = false;
  bool closed_ = false;
  // Set for the next look whether something has come, if `watching_`.
  boost::asio::basic_waitable_timer<
      std::chrono::steady_clock,
      boost::asio::wait_traits<std::chrono::steady_clock>,
      BackendSocket::executor_type>
      silence_;
  bool watching_ = false;
  bool asked_ = false;
  // Something has come since that timer was set.
  bool heard_ = false;
  // The first bytes that have come at all.
  std::string first_word_;
  std::array<uint8_t, 64 * 1024> in_;
};

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_HTTP2_CONNECTION_H_

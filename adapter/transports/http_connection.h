// One client's HTTP/1.1 connection: reads requests one after the other, gives
// them to the sink, and writes what comes back.
//
// Reading goes on while a request is under way, so that a client that leaves is
// noticed; what it sends meanwhile waits in the buffer for its turn.
#ifndef HOWDAH_ADAPTER_TRANSPORTS_HTTP_CONNECTION_H_
#define HOWDAH_ADAPTER_TRANSPORTS_HTTP_CONNECTION_H_

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "adapter/transports/client_socket.h"
#include "adapter/transports/host_policy.h"
#include "adapter/transports/http_server.h"
#include "adapter/transports/message_sink.h"
#include "adapter/transports/request_parser.h"

namespace howdah::transports {

class HttpConnection;

// What all connections share.
struct HttpShared {
  HttpOptions options;
  HostPolicy hosts;
  MessageSink& sink;
  // Renewed by every tick.
  std::string date;
  // Bytes of long bodies that are arriving, and open streams of listeners.
  std::size_t arriving_bytes = 0;
  std::size_t listeners = 0;
  // Each answer is the last of its connection.
  bool leaving = false;
};

// Told once, when the connection has closed for good.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void OnClosed(HttpConnection& connection) = 0;
};

// Threads: the one that runs the io_context.
// Owns: the socket.
// Limits: one request at a time, as HTTP/1.1 has it.
class HttpConnection final
    : public Exchange,
      public std::enable_shared_from_this<HttpConnection> {
 public:
  using Clock = std::chrono::steady_clock;

  // `tls` is null for plain connections; see ClientSocket.
  HttpConnection(HttpSocket socket, boost::asio::ssl::context* tls,
                 HttpShared& shared, ConnectionOwner& owner);

  void Start();
  // Closes what has taken too long; keeps silent streams alive.
  void Tick(Clock::time_point now);
  // When it has begun to wait for a request of which nothing has come yet.
  std::optional<Clock::time_point> idle_since() const {
    if (state_ != State::kIdle || closed_) return std::nullopt;
    return idle_since_;
  }
  // Closes at once, or after the answer under way.
  void Drain();
  void Close();

  absl::string_view Header(absl::string_view name) const override;
  absl::string_view Target() const override;
  absl::string_view RemoteAddress() const override;
  bool Streams() const override;
  void SetHeader(absl::string_view name, absl::string_view value) override;
  bool BeginListening() override;
  void Open() override;
  void Send(std::string message) override;
  void SendEvent(const StreamEvent& event) override;
  void Finish(Reply reply) override;

 private:
  enum class State {
    kHandshaking,
    kIdle,
    kReceiving,
    kHandling,
    kAnswering,
    kLingering
  };

  void Read();
  void OnRead(boost::system::error_code error, std::size_t size);
  void Process();
  void NextRequest();
  void SendContinue();
  void RefuseUnread(boost::system::error_code why);
  bool CountArriving();
  void ReleaseBody();
  void EndListening();
  void Handle();
  bool Admit();
  void Preflight(absl::string_view methods);
  void HandleMessage();
  void HandleFetch();
  void HandleProbe();
  void Refuse(int status, absl::string_view sentence);
  void WriteAnswer(int status, std::string body);
  void SendAnswer();
  void OnAnswered(boost::system::error_code error);
  void Linger();
  void CloseSlowReader();
  void Flush();
  // Gives the time from which it counts.
  Clock::time_point AllowFor(absl::Duration duration);

  ClientSocket socket_;
  HttpShared& shared_;
  ConnectionOwner& owner_;
  boost::beast::flat_buffer buffer_;
  HttpRequest request_;
  std::optional<RequestParser> parser_;
  State state_ = State::kIdle;
  // The answer's head and body, or pieces of a stream being written.
  std::string answer_, writing_;
  std::string more_headers_;
  std::string stream_;  // pieces still to be written
  std::optional<Clock::time_point> deadline_;
  Clock::time_point last_sent_ = {};
  Clock::time_point idle_since_ = {};
  std::size_t arriving_bytes_ = 0;  // counted in shared_
  mutable std::string remote_address_;
  bool reading_ = false;
  bool flushing_ = false;
  bool streaming_ = false;
  bool stream_ended_ = false;
  bool overflowed_ = false;  // the reader is too slow and about to be closed
  bool at_sink_ = false;     // the sink owes a Finish
  bool listening_ = false;
  bool continue_sent_ = false;
  bool continuing_ = false;  // "100 Continue" is being written
  bool keep_alive_ = true;
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_HTTP_CONNECTION_H_

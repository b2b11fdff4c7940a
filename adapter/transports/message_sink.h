// The seam between the wire and whoever understands what travels on it.
// A transport frames bytes, guards limits and hosts, and knows no protocol:
//
//   POST /mcp {"jsonrpc":"2.0","id":1,...}   or one line on stdin
//     -> sink.OnMessage(bytes, exchange)
//   exchange.Send(progress)                  SSE event, or a line
//   exchange.Finish({200, answer})           HTTP answer, last event, or a line
//
// Contract. Everything happens on the one thread that runs the io_context and
// nothing blocks. For each OnMessage and OnListen the sink calls Finish exactly
// once, now or later, unless OnGone comes first; after either it does not touch
// the exchange for that message again. On stdio all messages share one
// exchange, which lives until OnGone.
#ifndef HOWDAH_ADAPTER_TRANSPORTS_MESSAGE_SINK_H_
#define HOWDAH_ADAPTER_TRANSPORTS_MESSAGE_SINK_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::transports {

// What ends the answer to one message. `status` is an HTTP status, which other
// transports ignore; an empty body is sent as no message at all.
struct Reply {
  int status = 200;
  std::string body;
};

// One event of an event stream, as server-sent events have it.
struct StreamEvent {
  absl::string_view name = "message";
  absl::string_view data = {};
  // What a client that comes back says it has seen last; empty for none.
  absl::string_view id = {};
  // How long a client should wait before it comes back; zero for not said.
  absl::Duration retry = absl::ZeroDuration();
};

// One incoming message as its transport sees it, and the way back.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // Value of a request header, by any case; empty if there is none. Valid until
  // Finish. Always empty on stdio.
  virtual absl::string_view Header(absl::string_view name) const { return {}; }

  // Path and query, such as "/mcp?read_only=true"; empty on stdio.
  virtual absl::string_view Target() const { return {}; }

  // The client's address without its port; empty on stdio.
  virtual absl::string_view RemoteAddress() const { return {}; }

  // Whether Send reaches the client before the answer does.
  virtual bool Streams() const = 0;

  // Adds a header to the answer. Only before the first Send or Finish.
  virtual void SetHeader(absl::string_view name, absl::string_view value) {}

  // From now on the client only listens, on a stream that may last for ever.
  // False if too many do so already; then it has to be refused.
  virtual bool BeginListening() { return true; }

  // Begins a stream without sending a message. Only where Streams() is true.
  virtual void Open() {}

  // Sends one message ahead of the answer; dropped where Streams() is false.
  virtual void Send(std::string message) = 0;

  // The same with all that an event can say. Only over HTTP.
  virtual void SendEvent(const StreamEvent& event) {}

  // Ends the connection, not the stream: the client comes back for the rest.
  // Does nothing where a client cannot.
  virtual void Pause() {}

  virtual void Finish(Reply reply) = 0;
};

class MessageSink {
 public:
  virtual ~MessageSink() = default;

  // One message, or whatever the client sent as one. `bytes` are valid only
  // during the call.
  virtual void OnMessage(absl::string_view bytes, Exchange& exchange) = 0;

  // The client wants a stream of messages that answer nothing (GET).
  virtual void OnListen(Exchange& exchange) {
    exchange.Finish({405, Refusal(405, "This address takes POST only.")});
  }

  // The client ends its session (DELETE).
  virtual void OnEnd(Exchange& exchange) {
    exchange.Finish({405, Refusal(405, "This address takes POST only.")});
  }

  // The client wants a document that tells how to get in (GET below
  // /.well-known).
  virtual void OnFetch(Exchange& exchange) {
    exchange.Finish({404, Refusal(404, "There is no such document here.")});
  }

  // The client is gone; nothing can be sent on this exchange any more.
  virtual void OnGone(Exchange& exchange) = 0;

  // The body with which the transport itself refuses a message: too long, a
  // forbidden host, and the like.
  virtual std::string Refusal(int status, absl::string_view sentence) = 0;
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_MESSAGE_SINK_H_

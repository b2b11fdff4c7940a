// The event streams of one legacy session over HTTP: one for each POST that has
// something to say before its answer, and the client's GET for all else. Every
// event has an id; a client whose connection broke comes back with GET and the
// last id it saw, on whichever stream, and hears the rest.
//
//   SessionStreams streams(budget, {});
//   server.Dispatch(parsed, arrival, streams.Wrap(exchange, version));
//   streams.Listen(exchange, "3-17", version);  // GET with Last-Event-ID
//   streams.OnGone(exchange);                   // ... until the client is back
#ifndef HOWDAH_ADAPTER_MCP_SESSION_STREAMS_H_
#define HOWDAH_ADAPTER_MCP_SESSION_STREAMS_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/mcp/event_log.h"
#include "adapter/mcp/protocol.h"
#include "adapter/mcp/session.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

struct StreamOptions {
  // Events kept for one session.
  std::size_t max_kept_bytes = 256 * 1024;
  // How long a client should wait before it comes back.
  absl::Duration retry = absl::Seconds(1);
};

// Threads: one.
// Owns: the wrapped exchanges and the kept events; the transport owns the
// exchanges that carry them.
// Limits: a stream whose client left before its first event cannot be resumed,
// since the client knows no id of it; its answer is dropped.
class SessionStreams : public ClientLink {
 public:
  // What became of a GET.
  enum class Listening { kOpened, kTaken, kUnknownEvent };

  // The budget must outlive it.
  SessionStreams(EventBudget& budget, StreamOptions options);
  // Ends all streams.
  ~SessionStreams() override;

  // On the request's stream, else on the client's GET.
  bool Send(std::string message, transports::Exchange* related) override;

  // What to answer a POST on: outlives the client's connection.
  transports::Exchange& Wrap(transports::Exchange& carrier,
                             ProtocolVersion version);

  // Lets a GET carry the stream that the event id names, from after that event
  // on; without one, whatever answers no POST. Except for kOpened the caller
  // has to finish the exchange.
  Listening Listen(transports::Exchange& carrier,
                   absl::string_view last_event_id, ProtocolVersion version);

  // The carrier is gone, its stream waits. False if it carried none.
  bool OnGone(transports::Exchange& carrier);

  // Ends the client's GET; the client comes back.
  void EndListening();

  // What Wrap gave and nobody has finished.
  std::vector<transports::Exchange*> Unanswered();

  bool listening() const { return general_.carrier != nullptr; }

 private:
  class RequestStream;

  struct Stream {
    std::uint64_t number = 0;
    // Null while the client is away.
    transports::Exchange* carrier = nullptr;
    // The client was here, and may come back.
    bool opened = false;
    // Has priming events, which are empty.
    bool primes = false;
    // The last event that a carrier took.
    std::uint64_t sent = 0;
  };

  void Open(Stream& stream);
  void Append(Stream& stream, absl::string_view data);
  void Replay(Stream& stream, EventId after);
  Listening Resume(transports::Exchange& carrier, EventId after);
  void Retire(RequestStream& ended);

  const StreamOptions options_;
  EventLog log_;
  // The client's GET: stream 0.
  Stream general_;
  std::uint64_t last_stream_ = 0;
  std::list<RequestStream> active_;
  // Kept for reuse.
  std::list<RequestStream> free_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_SESSION_STREAMS_H_

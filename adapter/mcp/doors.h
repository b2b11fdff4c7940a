// Joins transports to the MCP server. A door knows what its transport means for
// the protocol: which session a message belongs to, which revision applies, and
// what the end of a connection ends.
//
//   mcp::HttpDoor door(server, {.read_only = true});
//   transports::HttpTransport http(io, options, door);
#ifndef HOWDAH_ADAPTER_MCP_DOORS_H_
#define HOWDAH_ADAPTER_MCP_DOORS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "adapter/mcp/http_sessions.h"
#include "adapter/mcp/server.h"
#include "adapter/mcp/toolsets.h"
#include "adapter/transports/message_sink.h"
#include "proto/support/rate_limiter.h"

namespace howdah::mcp {

struct DoorOptions {
  // Every call is made read only.
  bool read_only = false;
  // Toolsets that are on; empty for all. HTTP callers can narrow both
  // (http_narrowing.h).
  Toolsets toolsets = {};
  // HTTP only, as everything that follows.
  SessionLimits sessions = {};
  // Calls of all clients; one in the legacy era goes on without its client.
  std::size_t max_running_calls = 4096;
  // Of each principal; where callers are not told apart, of each address.
  support::RateLimit rate = {};
  std::function<absl::Time()> now = [] { return absl::Now(); };
  // Who has this bearer token; empty where callers are not told apart.
  std::function<std::shared_ptr<const Principal>(absl::string_view token)>
      principal_of = {};
};

// One client for the life of the process.
class StdioDoor : public transports::MessageSink {
 public:
  StdioDoor(Server& server, DoorOptions options);
  ~StdioDoor() override;

  void OnMessage(absl::string_view bytes,
                 transports::Exchange& exchange) override;
  void OnGone(transports::Exchange& exchange) override;
  std::string Refusal(int status, absl::string_view sentence) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Many clients, with a session each or without. A request without a session id
// is answered all the same.
//
// Threads: the one that runs the transport.
// Owns: the sessions. The server must outlive it.
// Limits: those of DoorOptions; sessions live in memory, and a restart ends
// them with 404, on which clients initialize anew.
class HttpDoor : public transports::MessageSink {
 public:
  HttpDoor(Server& server, DoorOptions options);
  ~HttpDoor() override;

  void OnMessage(absl::string_view bytes,
                 transports::Exchange& exchange) override;
  void OnListen(transports::Exchange& exchange) override;
  void OnEnd(transports::Exchange& exchange) override;
  void OnGone(transports::Exchange& exchange) override;
  std::string Refusal(int status, absl::string_view sentence) override;

  // The server stops: ends what clients only listen to, so that they come back
  // to another one.
  void EndListening();

  // From now on read_only, rate and the numbers of sessions and of calls are
  // these.
  void Reconfigure(const DoorOptions& options);

  std::size_t sessions() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_DOORS_H_

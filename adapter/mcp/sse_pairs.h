// The HTTP transport of revision 2024-11-05, for clients that know nothing
// else: one GET whose stream carries everything the server says, and POSTs that
// are only accepted.
//
//   GET /sse-transport/sse
//     <- event: endpoint, data: /sse-transport/messages?sessionId=5f..
//   POST /sse-transport/messages?sessionId=5f..  {"id":1,"method":"ping"}
//     <- 202, and on the stream {"id":1,"result":{}}
#ifndef HOWDAH_ADAPTER_MCP_SSE_PAIRS_H_
#define HOWDAH_ADAPTER_MCP_SSE_PAIRS_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/arrival.h"
#include "adapter/mcp/http_sessions.h"
#include "adapter/mcp/server.h"
#include "adapter/mcp/session.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

inline constexpr char kSsePath[] = "/sse-transport/sse";
inline constexpr char kSseMessagesPath[] = "/sse-transport/messages";

// One client's stream, on which all its messages are answered.
class SsePair : public transports::Exchange,
                public SessionHost,
                public ClientLink {
 public:
  SsePair(transports::Exchange& carrier, absl::string_view caller);

  const std::string& caller() const { return caller_; }
  Session& session() { return session_; }
  transports::Exchange& carrier() { return carrier_; }

  bool Streams() const override { return true; }
  void Send(std::string message) override;
  void Finish(transports::Reply reply) override;
  Session& OnInitialized(ProtocolVersion version, const RequestContext& context,
                         transports::Exchange& exchange) override;
  bool Send(std::string message, transports::Exchange* related) override;

 private:
  transports::Exchange& carrier_;
  const std::string caller_;
  Session session_{/*remembers_ids=*/true};
};

// Threads: one.
// Owns: the pairs; each lives as long as its GET. The server must outlive it.
// Limits: as many as sessions, in all and of one caller.
class SsePairs {
 public:
  SsePairs(Server& server, const SessionLimits& limits) : server_(server) {
    set_limits(limits.max_sessions, limits.max_sessions_per_caller);
  }
  ~SsePairs() { EndAll(); }
  SsePairs(const SsePairs&) = delete;
  SsePairs& operator=(const SsePairs&) = delete;

  // For those that are opened from now on.
  void set_limits(std::size_t most, std::size_t most_of_caller) {
    most_ = most;
    most_of_caller_ = most_of_caller;
  }

  // False if there are too many; the exchange is then not touched.
  bool Open(transports::Exchange& carrier, absl::string_view caller);

  // The pair that the target of a POST names; null if there is none, or it is
  // another caller's.
  SsePair* Find(absl::string_view target, absl::string_view caller);

  // Ends all pairs.
  void EndAll();

  // False if the exchange is no pair's stream.
  bool OnGone(transports::Exchange& carrier);

  std::size_t size() const { return by_id_.size(); }

 private:
  bool HasRoom(absl::string_view caller) const;

  Server& server_;
  std::size_t most_ = 0;
  std::size_t most_of_caller_ = 0;
  absl::flat_hash_map<std::string, std::unique_ptr<SsePair>> by_id_;
  absl::flat_hash_map<transports::Exchange*, std::string> ids_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_SSE_PAIRS_H_

// The sessions of legacy clients over HTTP, by the id that each request names.
//
//   HttpSession& session = sessions.Add(version, caller);
//   exchange.SetHeader(kSessionHeader, session.id);
//   ...
//   HttpSession* found = sessions.Find(exchange.Header(kSessionHeader),
//   caller);
#ifndef HOWDAH_ADAPTER_MCP_HTTP_SESSIONS_H_
#define HOWDAH_ADAPTER_MCP_HTTP_SESSIONS_H_

#include <cstddef>
#include <functional>
#include <list>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/mcp/event_log.h"
#include "adapter/mcp/protocol.h"
#include "adapter/mcp/server.h"
#include "adapter/mcp/session.h"
#include "adapter/mcp/session_streams.h"

namespace howdah::mcp {

// 128 random bits; the id is a capability, so it must not be guessable.
std::string NewSessionId();

struct HttpSession {
  HttpSession(EventBudget& budget, StreamOptions options)
      : streams(budget, options) {
    session.set_link(&streams);
  }

  std::string id;
  // Who began it; nobody else may use it. Empty where callers are not told
  // apart.
  std::string caller;
  absl::Time last_used;
  SessionStreams streams;
  Session session{/*remembers_ids=*/true};
};

struct SessionLimits {
  // At the limit the session unused for longest is ended.
  std::size_t max_sessions = 1024;
  // The same among those of one known caller.
  std::size_t max_sessions_per_caller = 128;
  absl::Duration idle_timeout = absl::Hours(1);
  EventBudget events = {};
  StreamOptions streams = {};
};

// Threads: one.
// Owns: the sessions. The server must outlive it.
// Limits: sessions live in memory; a restart ends them.
class HttpSessions {
 public:
  HttpSessions(Server& server, SessionLimits limits,
               std::function<absl::Time()> now);
  ~HttpSessions();
  HttpSessions(const HttpSessions&) = delete;
  HttpSessions& operator=(const HttpSessions&) = delete;

  // How many there may be from now on; those that are there stay until the next
  // is added.
  void set_limits(std::size_t max_sessions,
                  std::size_t max_sessions_per_caller) {
    limits_.max_sessions = max_sessions;
    limits_.max_sessions_per_caller = max_sessions_per_caller;
  }

  HttpSession& Add(ProtocolVersion version, absl::string_view caller);

  // Null if there is none, or it is another caller's. Counts as use.
  HttpSession* Find(absl::string_view id, absl::string_view caller);

  // Null if there is none. Does not count as use.
  HttpSession* Peek(absl::string_view id);

  // Cancels its calls and ends its streams.
  void End(HttpSession& session);

  // Ends what clients only listen to; their sessions stay.
  void EndListening();

  std::size_t size() const { return sessions_.size(); }

 private:
  using Position = std::list<HttpSession>::iterator;

  void Expire();
  void MakeRoomFor(absl::string_view caller);
  void End(Position position);

  Server& server_;
  SessionLimits limits_;
  const std::function<absl::Time()> now_;
  // Most recently used first.
  std::list<HttpSession> sessions_;
  absl::flat_hash_map<std::string, Position> by_id_;
  absl::flat_hash_map<std::string, std::size_t> by_caller_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_HTTP_SESSIONS_H_

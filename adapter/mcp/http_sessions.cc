#include "adapter/mcp/http_sessions.h"

#include <sys/random.h>

#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace howdah::mcp {

std::string NewSessionId() {
  std::uint64_t bits[2];
  while (getrandom(bits, sizeof(bits), 0) != sizeof(bits)) {
  }
  return absl::StrCat(absl::Hex(bits[0], absl::kZeroPad16),
                      absl::Hex(bits[1], absl::kZeroPad16));
}

HttpSessions::HttpSessions(Server& server, SessionLimits limits,
                           std::function<absl::Time()> now)
    : server_(server), limits_(limits), now_(std::move(now)) {}

HttpSessions::~HttpSessions() {
  while (!sessions_.empty()) End(sessions_.begin());
}

HttpSession& HttpSessions::Add(ProtocolVersion version,
                               absl::string_view caller) {
  Expire();
  MakeRoomFor(caller);
  HttpSession& added = sessions_.emplace_front(limits_.events, limits_.streams);
  added.id = NewSessionId();
  added.caller = std::string(caller);
  added.session.set_version(version);
  added.last_used = now_();
  by_id_[added.id] = sessions_.begin();
  ++by_caller_[added.caller];
  return added;
}

// One caller's sessions must not push out everybody else's.
void HttpSessions::MakeRoomFor(absl::string_view caller) {
  auto count = by_caller_.find(caller);
  if (!caller.empty() && count != by_caller_.end() &&
      count->second >= limits_.max_sessions_per_caller) {
    auto oldest = std::prev(sessions_.end());
    while (oldest->caller != caller) --oldest;
    End(oldest);
  }
  while (sessions_.size() >= limits_.max_sessions && !sessions_.empty()) {
    End(std::prev(sessions_.end()));
  }
}

HttpSession* HttpSessions::Find(absl::string_view id,
                                absl::string_view caller) {
  Expire();
  auto found = by_id_.find(id);
  if (found == by_id_.end() || found->second->caller != caller) return nullptr;
  sessions_.splice(sessions_.begin(), sessions_, found->second);
  sessions_.front().last_used = now_();
  return &sessions_.front();
}

HttpSession* HttpSessions::Peek(absl::string_view id) {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &*found->second;
}

// Ends what nobody has used for long. The list is in order of use.
void HttpSessions::Expire() {
  const absl::Time limit = now_() - limits_.idle_timeout;
  while (!sessions_.empty() && sessions_.back().last_used < limit) {
    const Position oldest = std::prev(sessions_.end());
    if (!oldest->streams.listening()) {
      End(oldest);
    } else {
      // Its client is there, only silent.
      oldest->last_used = now_();
      sessions_.splice(sessions_.begin(), sessions_, oldest);
    }
  }
}

void HttpSessions::End(HttpSession& session) {
  End(by_id_.find(session.id)->second);
}

void HttpSessions::End(Position position) {
  server_.End(position->session);
  for (transports::Exchange* left : position->streams.Unanswered()) {
    server_.Abandon(*left, /*cancel=*/true);
  }
  auto count = by_caller_.find(position->caller);
  if (--count->second == 0) by_caller_.erase(count);
  by_id_.erase(position->id);
  sessions_.erase(position);
}

void HttpSessions::EndListening() {
  for (HttpSession& session : sessions_) session.streams.EndListening();
}

}  // namespace howdah::mcp

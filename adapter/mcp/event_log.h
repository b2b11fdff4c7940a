// The last events of one session's streams, kept for a client whose connection
// broke: it comes back with the id of the last event it has seen.
//
//   EventId id = log.Append(/*stream=*/3, R"({"jsonrpc":"2.0",...})");
//   id.Text()                                  -> "3-17"
//   log.ForEachAfter(*EventId::Parse("3-15"), visit)
//     -> visit({3, 16}, ...), visit({3, 17}, ...)
#ifndef HOWDAH_ADAPTER_MCP_EVENT_LOG_H_
#define HOWDAH_ADAPTER_MCP_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace howdah::mcp {

// Which stream of the session, and which event of the session. Numbers grow
// over all streams of a session.
struct EventId {
  std::uint64_t stream = 0;
  std::uint64_t number = 0;

  std::string Text() const;
  static std::optional<EventId> Parse(absl::string_view text);
};

// What all logs together may hold.
struct EventBudget {
  std::size_t max_bytes = 64 * 1024 * 1024;
  std::size_t bytes = 0;
};

// Threads: one.
// Owns: copies of the events, the oldest dropped first.
// Limits: max_bytes, of which kAssuredBytes whatever other logs hold; a single
// event may be longer than either.
class EventLog {
 public:
  static constexpr std::size_t kAssuredBytes = 16 * 1024;

  // The budget must outlive it.
  EventLog(EventBudget& budget, std::size_t max_bytes)
      : budget_(budget), max_bytes_(max_bytes) {}
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  // A number for an event that need not be kept.
  EventId Next(std::uint64_t stream) { return {stream, ++last_number_}; }

  EventId Append(std::uint64_t stream, absl::string_view data);

  // The kept events of `after.stream` that came after it, in order.
  void ForEachAfter(
      EventId after,
      absl::FunctionRef<void(EventId, absl::string_view)> visit) const;

 private:
  struct Event {
    EventId id;
    std::string data;
  };

  void DropOldest();

  EventBudget& budget_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t last_number_ = 0;
  std::deque<Event> events_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_EVENT_LOG_H_

#include "adapter/mcp/event_log.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace howdah::mcp {

std::string EventId::Text() const { return absl::StrCat(stream, "-", number); }

std::optional<EventId> EventId::Parse(absl::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == absl::string_view::npos) return std::nullopt;
  EventId id;
  if (!absl::SimpleAtoi(text.substr(0, dash), &id.stream) ||
      !absl::SimpleAtoi(text.substr(dash + 1), &id.number)) {
    return std::nullopt;
  }
  return id;
}

EventLog::~EventLog() { budget_.bytes -= bytes_; }

EventId EventLog::Append(std::uint64_t stream, absl::string_view data) {
  const EventId id = Next(stream);
  events_.push_back({id, std::string(data)});
  bytes_ += data.size();
  budget_.bytes += data.size();
  while (events_.size() > 1 &&
         (bytes_ > max_bytes_ ||
          (budget_.bytes > budget_.max_bytes && bytes_ > kAssuredBytes))) {
    DropOldest();
  }
  return id;
}

void EventLog::DropOldest() {
  const std::size_t size = events_.front().data.size();
  bytes_ -= size;
  budget_.bytes -= size;
  events_.pop_front();
}

void EventLog::ForEachAfter(
    EventId after,
    absl::FunctionRef<void(EventId, absl::string_view)> visit) const {
  for (const Event& event : events_) {
    if (event.id.stream == after.stream && event.id.number > after.number) {
      visit(event.id, event.data);
    }
  }
}

}  // namespace howdah::mcp

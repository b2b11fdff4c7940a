// How often one token may call: Aiven counts calls in a window and refuses
// those above its limit.
//
//   RateLimit limit({.calls = 120, .window = absl::Minutes(1)});
//   const absl::Time at = limit.NextSlot(now);
//   if (at <= now) limit.Take(now);          // else wait until then and ask
//   again
//   ...
//   limit.Refused(now, 120, absl::Seconds(28));   // a 429 said so
//
// A bucket whose tokens come back one window after each was taken: the limit
// can be used up at once, and is never passed. After a refusal (others may use
// the same token) nothing goes until Aiven said, and then one call at a time at
// the limit's pace, for one window.
#ifndef HOWDAH_BACKEND_AIVEN_RATE_LIMIT_H_
#define HOWDAH_BACKEND_AIVEN_RATE_LIMIT_H_

#include <deque>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::aiven {

struct RateLimitOptions {
  int calls = 120;
  absl::Duration window = absl::Minutes(1);
  // Where a refusal says nothing about when to come back.
  absl::Duration pause = absl::Seconds(10);
};

// What the text of a 429 says: "Rate limit 120 exceeded - try again in 28s".
struct Refusal {
  std::optional<int> limit;
  std::optional<absl::Duration> wait;
};
Refusal ReadRefusal(absl::string_view text);

// Threads: not safe.
class RateLimit {
 public:
  explicit RateLimit(RateLimitOptions options) : options_(options) {}

  // When the next call may go; never before `now`.
  absl::Time NextSlot(absl::Time now);
  // A call goes.
  void Take(absl::Time now);
  void Refused(absl::Time now, const Refusal& refusal);

  int calls() const { return options_.calls; }

 private:
  RateLimitOptions options_;
  // Of the window.
  std::deque<absl::Time> taken_;
  absl::Time paused_until_ = absl::InfinitePast();
  absl::Time paced_until_ = absl::InfinitePast();
};

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_RATE_LIMIT_H_

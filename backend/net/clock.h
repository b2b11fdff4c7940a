// Time as a dependency, so that retries and expiries are tested without
// waiting.
//
//   clock.SleepUntil(clock.Now() + backoff.Next(), cancelled);
#ifndef HOWDAH_BACKEND_NET_CLOCK_H_
#define HOWDAH_BACKEND_NET_CLOCK_H_

#include <stop_token>

#include "absl/time/time.h"

namespace howdah::net {

// Threads: safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;
  // Returns false if it was stopped before `until`.
  virtual bool SleepUntil(absl::Time until, std::stop_token stopped) = 0;
};

// The machine's clock. Lives as long as the process.
Clock& SystemClock();

}  // namespace howdah::net

#endif  // HOWDAH_BACKEND_NET_CLOCK_H_

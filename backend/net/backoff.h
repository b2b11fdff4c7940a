// Growing pauses between attempts, with jitter so that many clients that failed
// together do not come back together.
//
//   Backoff backoff({.initial = absl::Milliseconds(50)}, RandomUnit);
//   clock.SleepUntil(clock.Now() + backoff.Next(), cancelled);
#ifndef HOWDAH_BACKEND_NET_BACKOFF_H_
#define HOWDAH_BACKEND_NET_BACKOFF_H_

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/time/time.h"

namespace howdah::net {

// A uniformly distributed number in [0, 1). Threads: safe.
double RandomUnit();

struct BackoffOptions {
  absl::Duration initial = absl::Milliseconds(50);
  absl::Duration max = absl::Seconds(2);
  double factor = 2.0;
  // Part of each pause that is left to chance: the pause is between
  // (1 - jitter) and 1 times the nominal one.
  double jitter = 0.5;
};

// Threads: not safe. Owns: its random source.
class Backoff {
 public:
  Backoff(const BackoffOptions& options, std::function<double()> random)
      : options_(options), random_(std::move(random)), next_(options.initial) {}

  // The next pause.
  absl::Duration Next() {
    const absl::Duration nominal = next_;
    next_ = std::min(options_.max, next_ * options_.factor);
    return nominal * (1.0 - options_.jitter * random_());
  }

  // Begins anew, after a success.
  void Reset() { next_ = options_.initial; }

 private:
  const BackoffOptions options_;
  const std::function<double()> random_;
  absl::Duration next_;
};

}  // namespace howdah::net

#endif  // HOWDAH_BACKEND_NET_BACKOFF_H_

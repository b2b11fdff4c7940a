// How many requests each caller may make: a bucket of tokens that fills at the
// rate and holds a burst.
//
//   RateLimiter limiter({.per_second = 50, .burst = 200});
//   absl::Duration wait = limiter.Take("alice", now);
//   if (wait > absl::ZeroDuration()) return TooManyRequests(wait);
#ifndef HOWDAH_PROTO_SUPPORT_RATE_LIMITER_H_
#define HOWDAH_PROTO_SUPPORT_RATE_LIMITER_H_

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::support {

struct RateLimit {
  // 0: no limit.
  double per_second = 0;
  // Requests that may come at once.
  double burst = 200;
  // Callers remembered; when there are more who have not been silent for a
  // while, the new ones share one bucket.
  std::size_t max_callers = 16 * 1024;
};

// Threads: one. Owns: the buckets, at most max_callers.
class RateLimiter {
 public:
  explicit RateLimiter(RateLimit limit) : limit_(limit) {}

  bool enabled() const { return limit_.per_second > 0; }
  void set_limit(RateLimit limit) { limit_ = limit; }

  // Takes one token; zero if there was one, else how long it will take until
  // there is.
  absl::Duration Take(absl::string_view caller, absl::Time now);
  // Puts one back that turned out not to count.
  void GiveBack(absl::string_view caller);

 private:
  struct Bucket {
    double tokens = 0;
    absl::Time filled;
  };

  // A bucket that cannot hold one token would let nobody in.
  double Burst() const { return std::max(limit_.burst, 1.0); }
  Bucket& BucketOf(absl::string_view caller, absl::Time now);
  double TokensAt(const Bucket& bucket, absl::Time now) const;
  void DropFullBuckets(absl::Time now);

  RateLimit limit_;
  absl::flat_hash_map<std::string, Bucket> buckets_;
  Bucket shared_;
  absl::Time swept_ = absl::InfinitePast();
};

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_RATE_LIMITER_H_

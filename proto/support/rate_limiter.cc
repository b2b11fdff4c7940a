#include "proto/support/rate_limiter.h"

#include <algorithm>

namespace howdah::support {
namespace {

// Walking all buckets must not become what a flood costs.
constexpr absl::Duration kSweepEvery = absl::Seconds(1);

}  // namespace

absl::Duration RateLimiter::Take(absl::string_view caller, absl::Time now) {
  if (!enabled()) return absl::ZeroDuration();
  Bucket& bucket = BucketOf(caller, now);
  bucket.tokens = TokensAt(bucket, now);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return absl::ZeroDuration();
  }
  return absl::Seconds((1 - bucket.tokens) / limit_.per_second);
}

void RateLimiter::GiveBack(absl::string_view caller) {
  const auto found = buckets_.find(caller);
  Bucket& bucket = found == buckets_.end() ? shared_ : found->second;
  bucket.tokens = std::min(Burst(), bucket.tokens + 1);
}

RateLimiter::Bucket& RateLimiter::BucketOf(absl::string_view caller,
                                           absl::Time now) {
  auto found = buckets_.find(caller);
  if (found != buckets_.end()) return found->second;
  if (buckets_.size() >= limit_.max_callers) DropFullBuckets(now);
  if (buckets_.size() >= limit_.max_callers) return shared_;
  return buckets_.emplace(caller, Bucket{Burst(), now}).first->second;
}

double RateLimiter::TokensAt(const Bucket& bucket, absl::Time now) const {
  const double passed =
      std::max(0.0, absl::ToDoubleSeconds(now - bucket.filled));
  return std::min(Burst(), bucket.tokens + passed * limit_.per_second);
}

// A full bucket says no more than none.
void RateLimiter::DropFullBuckets(absl::Time now) {
  if (now - swept_ < kSweepEvery) return;
  swept_ = now;
  absl::erase_if(buckets_, [&](const auto& entry) {
    return TokensAt(entry.second, now) >= Burst();
  });
}

}  // namespace howdah::support

#include "proto/support/rate_limiter.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace howdah::support {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

int Taken(RateLimiter& limiter, absl::string_view caller, absl::Time now) {
  int taken = 0;
  while (limiter.Take(caller, now) == absl::ZeroDuration()) ++taken;
  return taken;
}

TEST(RateLimiterTest, ABurstIsAllowedAndThenTheRate) {
  RateLimiter limiter({.per_second = 2, .burst = 5});
  EXPECT_EQ(Taken(limiter, "a", kStart), 5);
  EXPECT_EQ(limiter.Take("a", kStart), absl::Milliseconds(500));
  EXPECT_EQ(Taken(limiter, "a", kStart + absl::Seconds(1)), 2);
  EXPECT_EQ(Taken(limiter, "a", kStart + absl::Hours(1)), 5);
  // A clock that goes back gives nothing.
  EXPECT_EQ(Taken(limiter, "a", kStart), 0);
}

TEST(RateLimiterTest, CallersDoNotTakeFromEachOther) {
  RateLimiter limiter({.per_second = 1, .burst = 3});
  EXPECT_EQ(Taken(limiter, "a", kStart), 3);
  EXPECT_EQ(Taken(limiter, "b", kStart), 3);
}

TEST(RateLimiterTest, NoRateIsNoLimit) {
  RateLimiter limiter({});
  EXPECT_FALSE(limiter.enabled());
  for (int i = 0; i < 10000; ++i) {
    EXPECT_EQ(limiter.Take("a", kStart), absl::ZeroDuration());
  }
  limiter.set_limit({.per_second = 1, .burst = 1});
  EXPECT_EQ(Taken(limiter, "a", kStart), 1);
}

TEST(RateLimiterTest, ManyCallersTakeBoundedMemory) {
  RateLimiter limiter({.per_second = 1, .burst = 2, .max_callers = 10});
  for (int i = 0; i < 10; ++i) Taken(limiter, absl::StrCat(i), kStart);
  // The others share a bucket, which begins full as time goes by.
  int taken = 0;
  for (int i = 10; i < 1000; ++i) {
    taken += Taken(limiter, absl::StrCat(i), kStart);
  }
  EXPECT_LE(taken, 2);
  // Who has been silent long enough is forgotten.
  EXPECT_EQ(Taken(limiter, "new", kStart + absl::Minutes(1)), 2);
}

}  // namespace
}  // namespace howdah::support

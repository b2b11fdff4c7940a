#include "backend/aiven/rate_limit.h"

#include "gtest/gtest.h"

namespace howdah::aiven {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

TEST(RateLimitTest, TheLimitCanBeUsedUpAtOnceAndIsNeverPassed) {
  RateLimit limit({.calls = 120, .window = absl::Minutes(1)});
  for (int i = 0; i < 120; ++i) {
    ASSERT_EQ(limit.NextSlot(kStart), kStart) << i;
    limit.Take(kStart);
  }
  EXPECT_EQ(limit.NextSlot(kStart), kStart + absl::Minutes(1));
  const absl::Time later = kStart + absl::Minutes(1);
  EXPECT_EQ(limit.NextSlot(later), later);
}

TEST(RateLimitTest, WhatA429SaysIsLearned) {
  const Refusal refusal = ReadRefusal(
      "The user has sent too many requests in a given amount of time: Rate "
      "limit 60 exceeded - try again in 28s");
  EXPECT_EQ(refusal.limit, 60);
  EXPECT_EQ(refusal.wait, absl::Seconds(28));
  RateLimit limit({.calls = 120});
  limit.Take(kStart);
  limit.Refused(kStart, refusal);
  EXPECT_EQ(limit.calls(), 60);
  EXPECT_EQ(limit.NextSlot(kStart), kStart + absl::Seconds(28));
}

TEST(RateLimitTest, AfterARefusalCallsGoOneByOneForAWindow) {
  RateLimit limit({.calls = 60, .window = absl::Minutes(1)});
  limit.Refused(kStart, {.limit = {}, .wait = absl::Seconds(5)});
  absl::Time now = kStart + absl::Seconds(5);
  EXPECT_EQ(limit.NextSlot(now), now);
  limit.Take(now);
  EXPECT_EQ(limit.NextSlot(now), now + absl::Seconds(1));
  now += absl::Minutes(2);
  limit.Take(now);
  EXPECT_EQ(limit.NextSlot(now), now);
}

TEST(RateLimitTest, ARefusalThatSaysNothingPauses) {
  EXPECT_FALSE(ReadRefusal("").wait.has_value());
  RateLimit limit({.pause = absl::Seconds(10)});
  limit.Refused(kStart, {});
  EXPECT_EQ(limit.NextSlot(kStart), kStart + absl::Seconds(10));
}

}  // namespace
}  // namespace howdah::aiven

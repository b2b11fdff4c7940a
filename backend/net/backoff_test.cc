#include "backend/net/backoff.h"

#include "gtest/gtest.h"

namespace howdah::net {
namespace {

TEST(BackoffTest, GrowsToItsLimitAndBeginsAnew) {
  Backoff backoff({.initial = absl::Seconds(1), .max = absl::Seconds(5)},
                  [] { return 0.0; });
  EXPECT_EQ(backoff.Next(), absl::Seconds(1));
  EXPECT_EQ(backoff.Next(), absl::Seconds(2));
  EXPECT_EQ(backoff.Next(), absl::Seconds(4));
  EXPECT_EQ(backoff.Next(), absl::Seconds(5));
  EXPECT_EQ(backoff.Next(), absl::Seconds(5));
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), absl::Seconds(1));
}

TEST(BackoffTest, JitterOnlyShortens) {
  Backoff backoff({.initial = absl::Seconds(1), .jitter = 0.5},
                  [] { return 0.5; });
  EXPECT_EQ(backoff.Next(), absl::Seconds(0.75));
}

TEST(BackoffTest, RandomUnitStaysInItsRange) {
  for (int i = 0; i < 1000; ++i) {
    const double value = RandomUnit();
    EXPECT_GE(value, 0.0);
    EXPECT_LT(value, 1.0);
  }
}

}  // namespace
}  // namespace howdah::net

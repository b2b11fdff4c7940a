#include "backend/aiven/retry_policy.h"

#include "gtest/gtest.h"

namespace howdah::aiven {
namespace {

bool IsRetried(int status, absl::string_view method = "GET",
               absl::string_view message = "") {
  return PauseBeforeRetry(
             {.method = method, .status = status, .message = message}, 0)
      .has_value();
}

TEST(RetryPolicyTest, FollowsTheTableOfTheApi) {
  for (const int status : {0, 408, 429, 500, 502, 503, 504}) {
    EXPECT_TRUE(IsRetried(status)) << status;
  }
  for (const int status : {400, 401, 403, 404, 409, 417, 501}) {
    EXPECT_FALSE(IsRetried(status)) << status;
  }
  EXPECT_TRUE(IsRetried(417, "DELETE"));
  EXPECT_TRUE(IsRetried(501, "GET", "Failed to fetch Kafka topic: t"));
  EXPECT_TRUE(IsRetried(404, "POST", "Service pg-1 does not exist"));
  EXPECT_FALSE(IsRetried(404, "GET", "Service pg-1 does not exist"));
  EXPECT_TRUE(
      IsRetried(404, "GET", "User avnadmin with component main not found"));
}

TEST(RetryPolicyTest, WhatIsMisspeltIsAskedForOnceMoreOnly) {
  EXPECT_FALSE(PauseBeforeRetry({.tries = 2,
                                 .method = "POST",
                                 .status = 404,
                                 .message = "Service x does not exist"},
                                0)
                   .has_value());
}

TEST(RetryPolicyTest, PausesGrowAndEndAndObeyWhatIsTold) {
  absl::Duration before = absl::ZeroDuration();
  for (int tries = 1; tries < kMostTries; ++tries) {
    const auto pause = PauseBeforeRetry({.tries = tries, .status = 503}, 0);
    ASSERT_TRUE(pause.has_value());
    EXPECT_GE(*pause, before);
    EXPECT_LE(*pause, absl::Seconds(15));
    before = *pause;
  }
  EXPECT_FALSE(
      PauseBeforeRetry({.tries = kMostTries, .status = 503}, 0).has_value());
  // D15: a 429 is asked again after the delay that it tells.
  EXPECT_EQ(PauseBeforeRetry({.status = 429, .told = absl::Seconds(28)}, 0.5),
            absl::Seconds(28));
}

}  // namespace
}  // namespace howdah::aiven

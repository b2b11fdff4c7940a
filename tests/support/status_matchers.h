// Matchers for absl::Status and absl::StatusOr.
//
//   EXPECT_THAT(status, IsOk());
//   EXPECT_THAT(result, IsOkAndHolds(3));
//   EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound,
//   HasSubstr("demo"))); EXPECT_THAT(status, HasReason("CLUSTER_NOT_FOUND"));
//
// There is no NotOk(): a test says which error it expects.
#ifndef HOWDAH_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define HOWDAH_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "proto/support/status_details.h"

namespace howdah::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).ok();
}

MATCHER_P(IsOkAndHolds, matcher, "is OK and holds a value") {
  if (!arg.ok()) {
    *result_listener << arg.status();
    return false;
  }
  return ::testing::ExplainMatchResult(matcher, *arg, result_listener);
}

MATCHER_P(StatusIs, code, "has the status code") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == code;
}

MATCHER_P2(StatusIs, code, message, "has the status code and message") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == code &&
         ::testing::ExplainMatchResult(
             message, std::string(StatusOf(arg).message()), result_listener);
}

// The reason of the ErrorInfo.
MATCHER_P(HasReason, reason, "has the error reason") {
  *result_listener << StatusOf(arg) << " with reason "
                   << support::ErrorReason(StatusOf(arg));
  return support::ErrorReason(StatusOf(arg)) == reason;
}

}  // namespace howdah::testing

#define ASSERT_OK(expression) \
  ASSERT_THAT((expression), ::howdah::testing::IsOk())
#define EXPECT_OK(expression) \
  EXPECT_THAT((expression), ::howdah::testing::IsOk())

#endif  // HOWDAH_TESTS_SUPPORT_STATUS_MATCHERS_H_

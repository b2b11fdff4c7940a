// Errors of the Aiven plane, each by its own constructor.
//
//   return NotConfigured();
//   return ErrorOfApi({.status = 404, .body = body, .project = "demo"});
#ifndef HOWDAH_BACKEND_AIVEN_ERRORS_H_
#define HOWDAH_BACKEND_AIVEN_ERRORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::aiven {

inline constexpr absl::string_view kDomain = "aiven.io";

// Reasons that callers look at.
inline constexpr absl::string_view kPermissionDenied = "AIVEN_PERMISSION";
inline constexpr absl::string_view kTokenRejected = "AIVEN_TOKEN_REJECTED";
inline constexpr absl::string_view kRateLimited = "AIVEN_RATE_LIMITED";
inline constexpr absl::string_view kUnavailable = "AIVEN_UNAVAILABLE";
inline constexpr absl::string_view kBadAnswer = "AIVEN_BAD_ANSWER";

// What Aiven says in the body of an error. Bodies have no one shape: `errors`
// holds objects, texts, or is itself a text; gateways send HTML or nothing.
struct ApiErrorBody {
  std::string message;
  // As Aiven names it, "service_not_found"; empty if it does not say.
  std::string error_code;
};

ApiErrorBody ReadApiErrorBody(absl::string_view body);

// An answer that is no success.
struct FailedAnswer {
  int status = 0;
  absl::string_view body = {};
  // What was asked for, in words: "services of project demo".
  absl::string_view subject = {};
  // When Aiven wants to be asked again; zero if it does not say.
  absl::Duration retry_after = absl::ZeroDuration();
};

absl::Status ErrorOfApi(const FailedAnswer& answer);

// FAILED_PRECONDITION that tells what to set.
absl::Status NotConfigured();
absl::Status UnknownAccount(absl::string_view name,
                            const std::vector<std::string>& known);
// INVALID_ARGUMENT: no project is named, and none is the default.
absl::Status ProjectMissing();
// INVALID_ARGUMENT: cannot stand in a URL.
absl::Status BadName(absl::string_view what, absl::string_view name);
// RESOURCE_EXHAUSTED: the rate limit leaves no room before the deadline.
absl::Status NoRoomBeforeDeadline(absl::Duration wait);
absl::Status Cancelled();
// DEADLINE_EXCEEDED: somebody else's request for the same took too long.
absl::Status WaitedTooLong();
// UNAVAILABLE: what Aiven sent is no JSON object, or lacks what it is about.
absl::Status BadAnswer(absl::string_view subject, absl::string_view what);
// FAILED_PRECONDITION: the token cannot be read.
absl::Status TokenUnreadable(absl::string_view account, absl::string_view what);

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_ERRORS_H_

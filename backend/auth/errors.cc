#include "backend/auth/errors.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::auth {

using support::ErrorBuilder;

absl::Status TokenRefused(absl::string_view reason, absl::string_view message) {
  return ErrorBuilder(absl::StatusCode::kUnauthenticated, reason,
                      support::kHowdahDomain)
      .Message(message)
      .Build();
}

absl::Status ScopeMissing(absl::string_view message, absl::string_view scopes) {
  return ErrorBuilder(absl::StatusCode::kPermissionDenied, "SCOPE_MISSING",
                      support::kHowdahDomain)
      .Message(message)
      .With("scope", scopes)
      .Build();
}

absl::Status IssuerUnavailable(absl::string_view why,
                               absl::Duration retry_after) {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "ISSUER_UNAVAILABLE",
                      support::kHowdahDomain)
      .Message(absl::StrCat(
          "Tokens cannot be checked, since the issuer cannot be asked: ", why))
      .RetryAfter(retry_after)
      .Build();
}

absl::Status TooManyFailures(absl::Duration retry_after) {
  const absl::Duration wait =
      absl::Ceil(std::max(retry_after, absl::Seconds(1)), absl::Seconds(1));
  return ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_MANY_FAILURES",
                      support::kHowdahDomain)
      .Message(absl::StrCat(
          "Too many tokens from your address were refused; try again in ",
          absl::FormatDuration(wait), "."))
      .RetryAfter(wait)
      .Build();
}

}  // namespace howdah::auth

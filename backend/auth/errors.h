// Errors of authentication. Every refusal of a token is UNAUTHENTICATED with a
// reason of its own; none repeats any part of the token.
//
//   return TokenRefused(kTokenExpired, "The token has expired.");
#ifndef HOWDAH_BACKEND_AUTH_ERRORS_H_
#define HOWDAH_BACKEND_AUTH_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::auth {

// Reasons of UNAUTHENTICATED.
inline constexpr absl::string_view kTokenRequired = "TOKEN_REQUIRED";
inline constexpr absl::string_view kTokenMalformed = "TOKEN_MALFORMED";
inline constexpr absl::string_view kTokenAlgorithm = "TOKEN_ALGORITHM";
inline constexpr absl::string_view kTokenKeyUnknown = "TOKEN_KEY_UNKNOWN";
inline constexpr absl::string_view kTokenSignature = "TOKEN_SIGNATURE";
inline constexpr absl::string_view kTokenIssuer = "TOKEN_ISSUER";
inline constexpr absl::string_view kTokenAudience = "TOKEN_AUDIENCE";
inline constexpr absl::string_view kTokenExpired = "TOKEN_EXPIRED";
inline constexpr absl::string_view kTokenNotYetValid = "TOKEN_NOT_YET_VALID";
inline constexpr absl::string_view kTokenSubject = "TOKEN_SUBJECT";
inline constexpr absl::string_view kTokenBound = "TOKEN_BOUND";

absl::Status TokenRefused(absl::string_view reason, absl::string_view message);

// PERMISSION_DENIED: what the caller has granted is not enough. `scopes`: all
// that the call needs, with spaces between them.
absl::Status ScopeMissing(absl::string_view message, absl::string_view scopes);

// UNAVAILABLE: the issuer does not tell what is needed to decide.
absl::Status IssuerUnavailable(absl::string_view why,
                               absl::Duration retry_after);

// RESOURCE_EXHAUSTED: others with the caller's address have failed too often.
absl::Status TooManyFailures(absl::Duration retry_after);

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_ERRORS_H_

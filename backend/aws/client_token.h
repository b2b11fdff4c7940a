// What AWS is told so that a repeated write is done once.
//
//   ClientToken("ada", "order-4711")   -> "5d0c6f5e-…", each time the same
//
// Where an operation has an idempotency token, AWS takes a second call with the
// same one and the same input for the first. Its rules differ between services
// (32 characters at least, 36 at most); a UUID fits all.
#ifndef HOWDAH_BACKEND_AWS_CLIENT_TOKEN_H_
#define HOWDAH_BACKEND_AWS_CLIENT_TOKEN_H_

#include <string>

#include "absl/strings/string_view.h"

namespace howdah::aws {

// A request id that is a UUID is the token itself, so that it is found again in
// CloudTrail. Any other becomes one of its caller's: short ids meet.
std::string ClientToken(absl::string_view caller, absl::string_view request_id);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_CLIENT_TOKEN_H_

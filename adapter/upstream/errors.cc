#include "adapter/upstream/errors.h"

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::upstream {
namespace {

support::ErrorBuilder Error(absl::StatusCode code, absl::string_view reason) {
  return support::ErrorBuilder(code, reason, support::kMcpDomain);
}

}  // namespace

absl::Status Unreachable(absl::string_view address, const absl::Status& why) {
  return Error(absl::StatusCode::kUnavailable, "BACKEND_UNREACHABLE")
      .Message(absl::StrCat("The Howdah backend at ", address,
                            " cannot be reached (", why.message(),
                            "). Nothing was done. Start it, or check "
                            "--backend; then repeat the call."))
      .With("backend", address)
      .Build();
}

absl::Status ConnectionLost(absl::string_view address, bool changes) {
  return Error(absl::StatusCode::kUnavailable, "BACKEND_CONNECTION_LOST")
      .Message(absl::StrCat(
          "The connection to the Howdah backend at ", address,
          " broke during the call. ",
          changes ? "The change may or may not have been made: look at the "
                    "object before repeating the call."
                  : "Repeat the call."))
      .With("backend", address)
      .Build();
}

absl::Status TooLate() {
  return Error(absl::StatusCode::kDeadlineExceeded, "BACKEND_NOT_READY_IN_TIME")
      .Message(
          "The Howdah backend was not ready in time. Nothing was done; repeat "
          "the call.")
      .Build();
}

absl::Status BadToken() {
  return Error(absl::StatusCode::kUnauthenticated, "MALFORMED_TOKEN")
      .Message("The bearer token has characters that no token has.")
      .Build();
}

absl::Status UnreadableAnswer() {
  return Error(absl::StatusCode::kInternal, "BACKEND_ANSWER_UNREADABLE")
      .Message(
          "The answer of the backend cannot be read; adapter and backend may "
          "be of different versions.")
      .Build();
}

}  // namespace howdah::upstream

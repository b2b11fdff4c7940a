#include "adapter/upstream/errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::upstream {
namespace {

support::ErrorBuilder Error(absl::StatusCode code, absl::string_view reason) {
  return support::ErrorBuilder(code, reason, support::kMcpDomain);
}

// What the caller of a call without an answer should do.
absl::string_view WhatNow(bool changes) {
  return changes ? "The change may or may not have been made: look at the "
                   "object before repeating the call."
                 : "Repeat the call.";
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
      .Message(absl::StrCat("The connection to the Howdah backend at ", address,
                            " broke during the call. ", WhatNow(changes)))
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

absl::Status TimeIsUp(bool changes) {
  return Error(absl::StatusCode::kDeadlineExceeded, "BACKEND_DEADLINE_EXCEEDED")
      .Message(absl::StrCat("The Howdah backend did not answer in time. ",
                            WhatNow(changes)))
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

absl::Status CompressedAnswer() {
  return Error(absl::StatusCode::kInternal, "BACKEND_ANSWER_COMPRESSED")
      .Message(
          "The answer of the backend is compressed, which the adapter cannot "
          "read and did not ask for; look at what stands between them.")
      .Build();
}

absl::Status AnswerTooLong(std::size_t bytes) {
  return Error(absl::StatusCode::kResourceExhausted, "BACKEND_ANSWER_TOO_LONG")
      .Message(absl::StrCat("The answer of the backend has ", bytes,
                            " bytes, which is more than the adapter takes; "
                            "ask for less."))
      .With("bytes", absl::StrCat(bytes))
      .Build();
}

absl::Status Aborted(bool changes) {
  return Error(absl::StatusCode::kInternal, "BACKEND_CALL_ABORTED")
      .Message(
          absl::StrCat("The Howdah backend gave the call up without saying "
                       "why. ",
                       WhatNow(changes)))
      .Build();
}

absl::Status NotGrpc(absl::StatusCode code, int http_status) {
  return Error(code, "BACKEND_NOT_GRPC")
      .Message(absl::StrCat(
          "What answers at the address of the Howdah backend is no plain-text "
          "gRPC server (",
          http_status == 0 ? std::string("it speaks no HTTP/2")
                           : absl::StrCat("HTTP status ", http_status),
          "). Check --backend."))
      .With("httpStatus", absl::StrCat(http_status))
      .Build();
}

}  // namespace howdah::upstream

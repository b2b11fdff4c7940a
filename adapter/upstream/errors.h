// How a call can fail on its way to the backend and back.
//
//   if (!ready) return FailWaiting(Unreachable("unix:/run/b.sock", why));
//
// Each has a reason of its own, and says whether anything was done.
#ifndef HOWDAH_ADAPTER_UPSTREAM_ERRORS_H_
#define HOWDAH_ADAPTER_UPSTREAM_ERRORS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace howdah::upstream {

// BACKEND_UNREACHABLE: there is no connection, `why` says why not.
absl::Status Unreachable(absl::string_view address, const absl::Status& why);

// BACKEND_CONNECTION_LOST: it broke while the call was under way;
// `changes`: the call was no mere read.
absl::Status ConnectionLost(absl::string_view address, bool changes);

// BACKEND_NOT_READY_IN_TIME: the call's time was over before it was sent.
absl::Status TooLate();

// BACKEND_DEADLINE_EXCEEDED: the call's time was over before the answer came;
// `changes`: the call was no mere read.
absl::Status TimeIsUp(bool changes);

// MALFORMED_TOKEN: a bearer token that no header can carry.
absl::Status BadToken();

// BACKEND_ANSWER_UNREADABLE: the answer's bytes are not its message.
absl::Status UnreadableAnswer();

// BACKEND_ANSWER_COMPRESSED: the adapter has not offered to read such ones.
absl::Status CompressedAnswer();

// BACKEND_ANSWER_TOO_LONG: more than the adapter takes.
absl::Status AnswerTooLong(std::size_t bytes);

// BACKEND_CALL_ABORTED: the other side gave the call up without a word.
absl::Status Aborted(bool changes);

// BACKEND_NOT_GRPC: something answered that is no gRPC server; 0 if it had no
// status of HTTP/2 either.
absl::Status NotGrpc(absl::StatusCode code, int http_status);

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_ERRORS_H_

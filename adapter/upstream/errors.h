// How a call can fail on its way to the backend and back.
//
//   if (!ready) return FailWaiting(Unreachable("unix:/run/b.sock", why));
//
// Each has a reason of its own, and says whether anything was done.
#ifndef HOWDAH_ADAPTER_UPSTREAM_ERRORS_H_
#define HOWDAH_ADAPTER_UPSTREAM_ERRORS_H_

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

// MALFORMED_TOKEN: a bearer token that no header can carry.
absl::Status BadToken();

// BACKEND_ANSWER_UNREADABLE: the answer's bytes are not its message.
absl::Status UnreadableAnswer();

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_ERRORS_H_

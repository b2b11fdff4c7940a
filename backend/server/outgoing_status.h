// The form in which every error leaves the server.
//
//   OutgoingStatus(absl::InternalError("pq: …"), trace_id)
//   => INTERNAL "The server failed …", ErrorInfo{INTERNAL, howdah}
//
// Each error has just one ErrorInfo; what was not made for callers is logged
// instead of shown; the whole fits in the header list that HTTP/2 peers take.
#ifndef HOWDAH_BACKEND_SERVER_OUTGOING_STATUS_H_
#define HOWDAH_BACKEND_SERVER_OUTGOING_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace howdah::server {

absl::Status OutgoingStatus(const absl::Status& status,
                            absl::string_view trace_id);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_OUTGOING_STATUS_H_

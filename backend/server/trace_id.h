// W3C trace ids: 32 lower-case hexadecimal digits.
//
//   TraceIdFrom("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
//   => "4bf92f3577b34da6a3ce929d0e0e4736"
//   TraceIdFrom("")  => a new one
#ifndef HOWDAH_BACKEND_SERVER_TRACE_ID_H_
#define HOWDAH_BACKEND_SERVER_TRACE_ID_H_

#include <string>

#include "absl/strings/string_view.h"

namespace howdah::server {

// The trace id of a `traceparent` value, or a new one if it is absent or not
// well formed. Threads: safe.
std::string TraceIdFrom(absl::string_view traceparent);

// Whether a well formed `traceparent` says that its sender records the trace.
bool IsSampled(absl::string_view traceparent);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_TRACE_ID_H_

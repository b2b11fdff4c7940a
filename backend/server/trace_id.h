// W3C trace ids: 32 lower-case hexadecimal digits.
//
//   TraceFrom("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
//   => {"4bf92f3577b34da6a3ce929d0e0e4736", sampled}
//   TraceFrom("")  => a new one
#ifndef HOWDAH_BACKEND_SERVER_TRACE_ID_H_
#define HOWDAH_BACKEND_SERVER_TRACE_ID_H_

#include <string>

#include "absl/strings/string_view.h"

namespace howdah::server {

struct Trace {
  std::string id;
  // Its sender records it.
  bool sampled = false;
};

// What a `traceparent` value says, or a new trace if it is absent or not well
// formed. Threads: safe.
Trace TraceFrom(absl::string_view traceparent);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_TRACE_ID_H_

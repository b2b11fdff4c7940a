// W3C trace context: what joins a call with those that are made for it.
//
//   const TraceContext trace = TraceFrom(
//       "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
//   trace.id                  "4bf92f3577b34da6a3ce929d0e0e4736"
//   ChildTraceparent(trace)   "00-4bf92f3577b34da6a3ce929d0e0e4736-<new>-01"
#ifndef HOWDAH_PROTO_SUPPORT_TRACE_CONTEXT_H_
#define HOWDAH_PROTO_SUPPORT_TRACE_CONTEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace howdah::support {

// Threads: a value.
struct TraceContext {
  // 32 lower-case hexadecimal digits; empty where there is no trace.
  std::string id = {};
  // Its sender records it.
  bool sampled = false;
};

// What a `traceparent` says, or a new trace if it is absent or not well formed.
// Threads: safe.
TraceContext TraceFrom(absl::string_view traceparent);

// The `traceparent` of a request that is made for a call of this trace; empty
// where there is none. Threads: safe.
std::string ChildTraceparent(const TraceContext& trace);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_TRACE_CONTEXT_H_

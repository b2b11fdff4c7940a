// Cuts a stream of bytes into lines, however the bytes arrive.
//
//   framer.Feed("{\"a\":1}\n{\"b\"", visit)   -> visit.line({"a":1})
//   framer.Feed(":2}\r\n", visit)             -> visit.line({"b":2})
#ifndef HOWDAH_ADAPTER_TRANSPORTS_LINE_FRAMER_H_
#define HOWDAH_ADAPTER_TRANSPORTS_LINE_FRAMER_H_

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace howdah::transports {

// Threads: one at a time.
// Owns: the unfinished line, at most the limit.
// Limits: blank lines are skipped, a carriage return before the newline is
// dropped.
class LineFramer {
 public:
  struct Visitor {
    // The view is valid only during the call.
    absl::FunctionRef<void(absl::string_view)> line;
    // A line is longer than the limit. Called once per such line, as soon as
    // that is known; the rest of it is skipped.
    absl::FunctionRef<void()> too_long;
  };

  explicit LineFramer(std::size_t limit) : limit_(limit) {}

  void Feed(absl::string_view bytes, const Visitor& visitor);

  // The end of the stream: what is left is a line too.
  void End(const Visitor& visitor);

 private:
  void Emit(absl::string_view line, const Visitor& visitor);

  const std::size_t limit_;
  std::string partial_;
  bool skipping_ = false;
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_LINE_FRAMER_H_

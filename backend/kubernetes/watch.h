// Reads a watch stream: one JSON object per line, cut anywhere by the network.
//
//   WatchParser parser(asked, on_event);
//   for (bytes : stream) RETURN_IF_ERROR(parser.Feed(bytes));
//
// An ERROR event becomes an error, as api_error.h has it; a version that is too
// old is OUT_OF_RANGE.
#ifndef HOWDAH_BACKEND_KUBERNETES_WATCH_H_
#define HOWDAH_BACKEND_KUBERNETES_WATCH_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backend/kubernetes/api_error.h"
#include "backend/kubernetes/control_plane.h"

namespace howdah::kubernetes {

// Threads: not safe. Owns: the unfinished line. Limits: a line may have 64 MiB;
// text behind the last newline is no event.
class WatchParser {
 public:
  WatchParser(Asked asked, std::function<void(const WatchEvent&)> on_event);
  ~WatchParser();

  // Calls `on_event` for each event that is complete now.
  absl::Status Feed(absl::string_view bytes);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_WATCH_H_

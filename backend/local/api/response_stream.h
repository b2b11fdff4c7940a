// A body that goes on after its beginning: a watch, or a log that is followed.
//
//   bool more = stream->Start([connection](std::string text) { ... });
//   ... every stream->Period(...): send *stream->Tick() ...
#ifndef HOWDAH_BACKEND_LOCAL_API_RESPONSE_STREAM_H_
#define HOWDAH_BACKEND_LOCAL_API_RESPONSE_STREAM_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace howdah::local {

// Threads: Start once; the rest on any one thread. `Send` is called on any.
class ResponseStream {
 public:
  using Send = std::function<void(std::string text)>;

  virtual ~ResponseStream() = default;

  // Begins to send; false if that is all.
  virtual bool Start(Send send) = 0;
  // How often to call Tick; `heartbeat` is what the server is set to.
  virtual absl::Duration Period(absl::Duration heartbeat) const = 0;
  // What is to be sent now, perhaps nothing; no value at the end.
  virtual std::optional<std::string> Tick() = 0;
  // After this time it is over, with a last Tick.
  virtual absl::Duration timeout() const = 0;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_RESPONSE_STREAM_H_

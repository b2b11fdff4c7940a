// Says when the backend can be connected to, for a backend that is started on
// demand and restarted when it died.
#ifndef HOWDAH_ADAPTER_UPSTREAM_BACKEND_GATE_H_
#define HOWDAH_ADAPTER_UPSTREAM_BACKEND_GATE_H_

#include <functional>

#include "absl/status/status.h"

namespace howdah::upstream {

class BackendGate {
 public:
  virtual ~BackendGate() = default;

  // Calls `ready` when the backend listens, now or later, or with the reason
  // why it cannot be started. Asked before every connection, not every call.
  virtual void WhenReady(std::function<void(absl::Status)> ready) = 0;
};

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_BACKEND_GATE_H_

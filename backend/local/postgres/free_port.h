// A TCP port on loopback that nobody uses now.
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_FREE_PORT_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_FREE_PORT_H_

#include <mutex>
#include <set>

#include "absl/status/statusor.h"

namespace howdah::local::postgres {

bool IsFree(int port);

// Hands out ports below the range the kernel takes for outgoing connections,
// so that a stopped server finds its port free again.
// Threads: safe. Owns: nothing; never gives the same port twice.
class PortAllocator {
 public:
  absl::StatusOr<int> Allocate();
  // Keeps a port from being handed out.
  void Reserve(int port);

 private:
  std::mutex mutex_;
  std::set<int> taken_;
};

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_FREE_PORT_H_

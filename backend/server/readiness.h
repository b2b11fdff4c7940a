// Whether calls would find what they need: Kubernetes, and the watch cache.
//
//   Readiness readiness(planes);
//   if (!readiness.ready()) return NotServing();
//   for (const Readiness::Check& check : readiness.Look()) ...
//
// A server that starts touches no cluster; one that is asked for its readiness
// does: it finds the default plane and begins its watches, and is not ready
// until they are in sync. From then on the watches themselves tell. One that
// was torn is silent when it is back, until something changes; then the server
// asks.
#ifndef HOWDAH_BACKEND_SERVER_READINESS_H_
#define HOWDAH_BACKEND_SERVER_READINESS_H_

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "backend/services/plane_registry.h"

namespace howdah::server {

// Threads: safe. Owns: a thread while something is asked. The registry
// must outlive it.
class Readiness {
 public:
  struct Check {
    std::string name;
    bool good = false;
    // For an operator: "synced", or what is the matter.
    std::string state;
  };

  explicit Readiness(services::PlaneRegistry& planes) : planes_(planes) {}
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // Never blocks; the first ones say that it has begun.
  std::vector<Check> Look();
  bool ready();

 private:
  // Does it on the thread, unless that is busy or it was done a moment ago.
  // Returns what came of it the last time.
  absl::Status Try(std::function<absl::Status()> what);

  services::PlaneRegistry& planes_;
  std::mutex mutex_;
  // Guarded by mutex_.
  bool trying_ = false;
  absl::Status last_;
  absl::Time tried_ = absl::InfinitePast();
  std::thread thread_;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_READINESS_H_

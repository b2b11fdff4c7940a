// All controllers of the local plane: turns the resources in the store into
// PostgreSQL processes and back into statuses.
//
//   ASSIGN_OR_RETURN(auto manager, ControllerManager::Create(store, options));
//   RETURN_IF_ERROR(manager->Start());
//   ...
//   manager->Stop();   // stops PostgreSQL cleanly; all state stays
//
// A killed plane leaves PostgreSQL running; the next one on the same directory
// adopts it.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_CONTROLLER_MANAGER_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_CONTROLLER_MANAGER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/local/object_store.h"

namespace howdah::local::controllers {

struct ControllerOptions {
  // The plane's directory. The clusters live in its `clusters`, which is a link
  // to /var/lib/howdah if the user of PostgreSQL cannot get there.
  std::string data_dir;
  // Where PostgreSQL versions are installed, as <root>/<major>/bin.
  std::string postgres_root = "/usr/lib/postgresql";
  std::function<absl::Time()> now;  // default: absl::Now
  // One line per thing worth knowing; default: JSON on stderr. The facts never
  // contain secrets.
  std::function<void(absl::string_view level, absl::string_view message,
                     const Json& facts)>
      log;
};

// Threads: Start and Stop on one thread. Owns: a few threads, the forwarding
// sockets, and until Stop the PostgreSQL processes. Limits: the store must
// outlive it; one manager per data_dir.
class ControllerManager {
 public:
  static absl::StatusOr<std::unique_ptr<ControllerManager>> Create(
      ObjectStore& store, ControllerOptions options);
  ~ControllerManager();

  // Adopts what runs, and begins to reconcile.
  absl::Status Start();
  // Stops PostgreSQL cleanly, all servers at the same time. May be repeated.
  void Stop();

 private:
  class Impl;
  explicit ControllerManager(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_CONTROLLER_MANAGER_H_

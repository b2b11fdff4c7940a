// Finds the plane for the `context` of a request.
//
//   ASSIGN_OR_RETURN(Plane* plane, registry.Get(request.context()));
//
// A plane is made at the first call that names its context, so a server that
// starts touches no cluster.
#ifndef HOWDAH_BACKEND_SERVICES_PLANE_REGISTRY_H_
#define HOWDAH_BACKEND_SERVICES_PLANE_REGISTRY_H_

#include <atomic>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/services/plane.h"

namespace howdah::services {

// Knows the kubeconfig; the assembly of the server gives one.
class PlaneFactory {
 public:
  virtual ~PlaneFactory() = default;

  struct Contexts {
    std::vector<std::string> names;
    // The one that a call without `context` means; empty if there is none.
    std::string current;
    // Where they were read, for messages.
    std::string source = {};
  };
  // Reads the kubeconfig; no network.
  virtual absl::StatusOr<Contexts> ReadContexts() = 0;

  // Makes the parts for an existing context; no network.
  virtual absl::StatusOr<PlaneParts> Make(const std::string& context) = 0;
};

// Threads: safe. Owns: the planes, which live as long as the registry.
class PlaneRegistry {
 public:
  explicit PlaneRegistry(std::unique_ptr<PlaneFactory> factory)
      : factory_(std::move(factory)) {}

  // The plane if it is made already, else null. Never blocks for long.
  Plane* Find(absl::string_view context) const;

  // Makes the plane if need be. INVALID_ARGUMENT with reason CONTEXT_UNKNOWN,
  // naming the existing ones, for an unknown context.
  absl::StatusOr<Plane*> Get(absl::string_view context);

 private:
  const std::unique_ptr<PlaneFactory> factory_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<Plane>, std::less<>> planes_;
  std::atomic<Plane*> current_{nullptr};
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_PLANE_REGISTRY_H_

// What the handlers of the sandbox work on, and how they are found.
//
//   absl::StatusOr<Json> GetProject(World& world, const Call& call);
//   Route{"GET", "/v1/project/{project}", Permission::kProjectsRead,
//   GetProject}
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_WORLD_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_WORLD_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "backend/local/aiven/accounts.h"
#include "backend/local/aiven/database_servers.h"
#include "backend/local/aiven/fleet.h"
#include "backend/local/aiven/request.h"
#include "nlohmann/json.hpp"

namespace howdah::local::aiven {

// Threads: what no mutex guards is set before the first call. Handlers hold the
// mutex while they use the fleet, never while a server starts.
struct World {
  absl::Mutex mutex;
  Fleet fleet ABSL_GUARDED_BY(mutex);
  // Passwords follow from it.
  std::string secret;
  // Of the authority that signs the certificates of services.
  std::string ca_pem;
  // How long a new or changed service is busy.
  absl::Duration build_time ABSL_GUARDED_BY(mutex) = absl::Minutes(4);
  DatabaseServers* databases = nullptr;
};

struct Call {
  std::map<std::string, std::string> path;  // by the names in braces
  std::map<std::string, std::string> query;
  Json body;
  Account caller;
  absl::Time now;

  const std::string& project() const { return path.at("project"); }
  const std::string& service() const { return path.at("service"); }
};

using Handler =
    std::function<absl::StatusOr<Json>(World& world, const Call& call)>;

struct Route {
  std::string method;
  std::string path;
  Permission permission = Permission::kNone;
  Handler handle;
  // Aiven answers some without a token.
  bool is_public = false;
};

// The service of a call: 404 in Aiven's words.
absl::StatusOr<Service*> FindService(World& world, const Call& call)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(world.mutex);
// The same, 409 if it has no power.
absl::StatusOr<Service*> FindPoweredService(World& world, const Call& call)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(world.mutex);

// The tags after a change {"tags": {…}}, in which null removes one. 400 for bad
// names and values.
absl::StatusOr<Tags> ChangedTags(Tags tags, const Json& body);

std::vector<Route> ProjectRoutes();
std::vector<Route> ServiceRoutes();
std::vector<Route> TelemetryRoutes();
std::vector<Route> DatabaseRoutes();

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_WORLD_H_

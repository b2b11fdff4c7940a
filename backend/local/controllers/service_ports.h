// The Services of a cluster as ports of this machine, and its login Secrets,
// which name them.
//
//   RETURN_IF_ERROR(services.Ensure(environment, spec));
//   services.Route(environment, spec, view, primary);
//
// A port stands in its Service, so it stays the same for the life of the
// cluster, unless another program took it while the plane was down.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_SERVICE_PORTS_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_SERVICE_PORTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/local/controllers/cluster_plan.h"
#include "backend/local/controllers/cluster_spec.h"
#include "backend/local/controllers/environment.h"

namespace howdah::local::controllers {

// Threads: safe. Owns: nothing.
class ServicePorts {
 public:
  // Services -rw, -ro, -r that listen, and the Secrets -app and -superuser.
  absl::Status Ensure(Environment& environment, const ClusterSpec& spec);
  // Leads them to the instances that are ready now.
  void Route(Environment& environment, const ClusterSpec& spec,
             const ClusterView& view, const std::string& primary);
  // Stops listening.
  void Close(Environment& environment, const std::string& namespace_name,
             const std::string& cluster);

 private:
  absl::StatusOr<int> EnsureService(Environment& environment,
                                    const ClusterSpec& spec,
                                    const std::string& kind);
  absl::Status EnsureSecret(Environment& environment, const ClusterSpec& spec,
                            const std::string& name,
                            const std::string& user_type,
                            const std::string& user,
                            const std::string& database, int port);
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_SERVICE_PORTS_H_

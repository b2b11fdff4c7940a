// Keeps the passwords of the application's role and of `postgres` as their
// Secrets say, also when a user changes them.
//
//   absl::StatusOr<Again> again = logins.Reconcile("default", "demo");
//
// Without enableSuperuserAccess `postgres` has no password at all.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_LOGINS_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_LOGINS_H_

#include <string>

#include "absl/status/statusor.h"
#include "backend/local/controllers/environment.h"
#include "backend/local/controllers/work_queue.h"

namespace howdah::local::controllers {

// Threads: safe for different clusters. Owns: nothing; which version of a
// Secret is in force stands in status.secretsResourceVersion.
class ClusterLogins {
 public:
  explicit ClusterLogins(Environment& environment)
      : environment_(environment) {}

  absl::StatusOr<Again> Reconcile(const std::string& namespace_name,
                                  const std::string& cluster);

 private:
  Environment& environment_;
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_LOGINS_H_

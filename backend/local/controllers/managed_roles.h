// The roles a Cluster lists inline, spec.managed.roles.
//
//   ManagedRoles roles(environment);
//   absl::StatusOr<Again> again = roles.Reconcile("default", "demo");
//
// Level-triggered: drift made with SQL is put right. The outcome of each role
// stands in status.managedRolesStatus, with PostgreSQL's own words.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_MANAGED_ROLES_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_MANAGED_ROLES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/local/controllers/environment.h"
#include "backend/local/controllers/role_plan.h"
#include "backend/local/controllers/work_queue.h"
#include "backend/local/postgres/connection.h"

namespace howdah::local::controllers {

// Threads: safe for different clusters. Owns: nothing.
class ManagedRoles {
 public:
  explicit ManagedRoles(Environment& environment) : environment_(environment) {}

  absl::StatusOr<Again> Reconcile(const std::string& namespace_name,
                                  const std::string& cluster);

 private:
  struct Round;
  absl::Status ApplyRole(Round& round, const RoleSpec& role);
  absl::Status ApplyMemberships(Round& round, const RoleSpec& role);
  absl::Status WriteStatus(Round& round);

  Environment& environment_;
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_MANAGED_ROLES_H_

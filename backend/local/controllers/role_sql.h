// Reads roles from PostgreSQL and carries out changes to them.
//
//   ASSIGN_OR_RETURN(RoleStates roles, ReadRoles(connection));
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_ROLE_SQL_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_ROLE_SQL_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/local/controllers/resources.h"
#include "backend/local/controllers/role_plan.h"
#include "backend/local/postgres/connection.h"

namespace howdah::local::controllers {

using RoleStates = std::map<std::string, RoleState>;

// All roles that are not PostgreSQL's own.
absl::StatusOr<RoleStates> ReadRoles(postgres::Connection& connection);

// In one transaction. The error says what could not be done and why, in
// PostgreSQL's words.
absl::Status ApplyRoleChange(postgres::Connection& connection,
                             const std::string& role, const RoleChange& change);

// A password Secret of a role: its verifier and its version.
struct RolePassword {
  std::string verifier;
  std::string resource_version;
};
// nullopt if the role has none. FAILED_PRECONDITION if the Secret is missing or
// is for another role.
absl::StatusOr<std::optional<RolePassword>> ReadPassword(
    ObjectStore& store, const std::string& namespace_name, const RoleSpec& role,
    postgres::Connection& connection);

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_ROLE_SQL_H_

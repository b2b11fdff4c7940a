#include "backend/local/controllers/database_role.h"

#include <optional>
#include <string>

#include "backend/local/controllers/role_plan.h"
#include "backend/local/controllers/role_sql.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

absl::Status Apply(Environment& environment, const Primary& primary,
                   const Json& object, Json& status) {
  ASSIGN_OR_RETURN(RoleSpec role, ParseRole(Child(object, "spec")));
  if (IsReserved(role.name)) {
    return absl::InvalidArgumentError("the role is reserved for the operator");
  }
  ASSIGN_OR_RETURN(postgres::Connection connection,
                   primary.Connect("postgres"));
  ASSIGN_OR_RETURN(
      std::optional<RolePassword> password,
      ReadPassword(environment.store, Text(Metadata(object), "namespace"), role,
                   connection));
  ASSIGN_OR_RETURN(RoleStates states, ReadRoles(connection));
  std::optional<RoleState> state;
  if (auto found = states.find(role.name); found != states.end()) {
    state = found->second;
  }
  std::optional<std::string> verifier;
  if (password.has_value()) verifier = password->verifier;
  for (const RoleChange& change : PlanRole(role, state, verifier, connection)) {
    RETURN_IF_ERROR(ApplyRoleChange(connection, role.name, change));
  }
  std::optional<RoleChange> memberships = PlanMemberships(
      role, state.has_value() ? state->in_roles : std::set<std::string>(),
      connection);
  if (memberships.has_value()) {
    RETURN_IF_ERROR(ApplyRoleChange(connection, role.name, *memberships));
  }
  status["secretResourceVersion"] =
      password.has_value() ? password->resource_version : "";
  return absl::OkStatus();
}

absl::Status Drop(const Primary& primary, const Json& object) {
  ASSIGN_OR_RETURN(RoleSpec role, ParseRole(Child(object, "spec")));
  ASSIGN_OR_RETURN(postgres::Connection connection,
                   primary.Connect("postgres"));
  ASSIGN_OR_RETURN(RoleStates states, ReadRoles(connection));
  auto state = states.find(role.name);
  if (state == states.end()) return absl::OkStatus();
  role.present = false;
  for (const RoleChange& change :
       PlanRole(role, state->second, std::nullopt, connection)) {
    RETURN_IF_ERROR(ApplyRoleChange(connection, role.name, change));
  }
  return absl::OkStatus();
}

bool IsStale(Environment& environment, const Json& object) {
  const std::string secret =
      Text(Child(Child(object, "spec"), "passwordSecret"), "name");
  if (secret.empty()) return false;
  absl::StatusOr<Json> found = environment.store.Get(
      kSecrets, Text(Metadata(object), "namespace"), secret);
  return found.ok() &&
         Text(Metadata(*found), "resourceVersion") !=
             Text(Child(object, "status"), "secretResourceVersion");
}

// The inline list wins over the object.
std::string Conflict(const Json& object, const Json& cluster) {
  const Json& managed = Child(Child(cluster, "spec"), "managed");
  auto roles = managed.find("roles");
  if (roles == managed.end() || !roles->is_array()) return "";
  const std::string name = Text(Child(object, "spec"), "name");
  for (const Json& role : *roles) {
    if (role.is_object() && Text(role, "name") == name) {
      return "database role is already managed by the CNPG cluster";
    }
  }
  return "";
}

}  // namespace

AppliedKind DatabaseRoleKind(Environment& environment) {
  AppliedKind kind;
  kind.type = kDatabaseRoles;
  kind.kind = "DatabaseRole";
  kind.finalizer = "cnpg.io/deleteRole";
  kind.policy = "databaseRoleReclaimPolicy";
  kind.apply = [&environment](const Primary& primary, const Json& object,
                              Json& status) {
    return Apply(environment, primary, object, status);
  };
  kind.drop = Drop;
  kind.is_stale = [&environment](const Json& object) {
    return IsStale(environment, object);
  };
  kind.conflict = Conflict;
  return kind;
}

}  // namespace howdah::local::controllers

#include "backend/local/controllers/managed_roles.h"

#include <set>
#include <utility>

#include "backend/local/controllers/primary_connection.h"
#include "backend/local/controllers/role_sql.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

constexpr absl::Duration kResync = absl::Seconds(30);
constexpr absl::Duration kRetry = absl::Seconds(5);

const Json& RolesOf(const Json& cluster) {
  static const Json* const kNone = new Json(Json::array());
  const Json& managed = Child(Child(cluster, "spec"), "managed");
  auto roles = managed.find("roles");
  return roles != managed.end() && roles->is_array() ? *roles : *kNone;
}

}  // namespace

struct ManagedRoles::Round {
  Round(const std::string& namespace_name, const Json& cluster,
        postgres::Connection connection)
      : namespace_name(namespace_name),
        cluster(cluster),
        connection(std::move(connection)) {}

  std::string namespace_name;
  Json cluster;
  postgres::Connection connection;
  RoleStates states;
  std::map<std::string, std::vector<std::string>> failures;  // by role
  Json passwords = Json::object();  // status.managedRolesStatus.passwordStatus
  std::vector<RoleSpec> roles;
};

absl::StatusOr<Again> ManagedRoles::Reconcile(const std::string& namespace_name,
                                              const std::string& cluster) {
  absl::StatusOr<Primary> primary =
      FindPrimary(environment_, namespace_name, cluster);
  // Queued again when it has a primary.
  if (!primary.ok()) return Again();
  const Json& status = Child(primary->cluster, "status");
  if (RolesOf(primary->cluster).empty() &&
      !status.contains("managedRolesStatus")) {
    return Again();
  }
  ASSIGN_OR_RETURN(postgres::Connection connection,
                   primary->Connect("postgres"));
  Round round(namespace_name, primary->cluster, std::move(connection));
  round.passwords =
      Child(Child(status, "managedRolesStatus"), "passwordStatus");
  ASSIGN_OR_RETURN(round.states, ReadRoles(round.connection));
  auto attempt = [&](const std::string& name, const absl::Status& outcome) {
    if (!outcome.ok()) {
      round.failures[name].push_back(std::string(outcome.message()));
    }
  };
  for (const Json& item : RolesOf(round.cluster)) {
    absl::StatusOr<RoleSpec> role = ParseRole(item);
    attempt(Text(item, "name"), role.status());
    if (!role.ok()) continue;
    attempt(role->name, ApplyRole(round, *role));
    round.roles.push_back(*std::move(role));
  }
  ASSIGN_OR_RETURN(round.states, ReadRoles(round.connection));
  for (const RoleSpec& role : round.roles) {
    attempt(role.name, ApplyMemberships(round, role));
  }
  RETURN_IF_ERROR(WriteStatus(round));
  return Again(round.failures.empty() ? kResync : kRetry);
}

absl::Status ManagedRoles::ApplyRole(Round& round, const RoleSpec& role) {
  if (IsReserved(role.name)) {
    return absl::InvalidArgumentError("the role is reserved for the operator");
  }
  auto found = round.states.find(role.name);
  std::optional<RoleState> state;
  if (found != round.states.end()) state = found->second;
  ASSIGN_OR_RETURN(std::optional<RolePassword> password,
                   ReadPassword(environment_.store, round.namespace_name, role,
                                round.connection));
  std::optional<std::string> verifier;
  if (password.has_value()) {
    const Json& known = Child(round.passwords, role.name);
    if (!state.has_value() ||
        Text(known, "resourceVersion") != password->resource_version ||
        Number(known, "transactionID", -1) !=
            std::atoll(state->transaction_id.c_str())) {
      verifier = password->verifier;
    }
  }
  for (const RoleChange& change :
       PlanRole(role, state, verifier, round.connection)) {
    RETURN_IF_ERROR(ApplyRoleChange(round.connection, role.name, change));
  }
  if (password.has_value()) {
    round.passwords[role.name]["resourceVersion"] = password->resource_version;
  } else {
    round.passwords.erase(role.name);
  }
  return absl::OkStatus();
}

absl::Status ManagedRoles::ApplyMemberships(Round& round,
                                            const RoleSpec& role) {
  auto state = round.states.find(role.name);
  if (state == round.states.end()) return absl::OkStatus();
  if (round.passwords.contains(role.name)) {
    round.passwords[role.name]["transactionID"] =
        std::atoll(state->second.transaction_id.c_str());
  }
  std::optional<RoleChange> change =
      PlanMemberships(role, state->second.in_roles, round.connection);
  if (!change.has_value()) return absl::OkStatus();
  return ApplyRoleChange(round.connection, role.name, *change);
}

absl::Status ManagedRoles::WriteStatus(Round& round) {
  Json by_status = Json::object();
  std::set<std::string> listed;
  for (const Json& item : RolesOf(round.cluster)) {
    const std::string name = Text(item, "name");
    listed.insert(name);
    by_status[round.failures.count(name) > 0 ? "pending-reconciliation"
                                             : "reconciled"]
        .push_back(name);
  }
  for (const auto& [name, state] : round.states) {
    if (listed.count(name) > 0) continue;
    by_status[IsReserved(name) ? "reserved" : "not-managed"].push_back(name);
  }
  Json status = {{"byStatus", by_status}};
  if (!round.failures.empty()) status["cannotReconcile"] = round.failures;
  for (auto it = round.passwords.begin(); it != round.passwords.end();) {
    it = listed.count(it.key()) > 0 ? std::next(it) : round.passwords.erase(it);
  }
  if (!round.passwords.empty()) status["passwordStatus"] = round.passwords;
  const std::string uid = Text(Metadata(round.cluster), "uid");
  return environment_.store
      .Update(kClusters, round.namespace_name,
              Text(Metadata(round.cluster), "name"),
              [&](Json& object) {
                if (Text(Metadata(object), "uid") != uid) {
                  return absl::AbortedError("the cluster was made anew");
                }
                object["status"]["managedRolesStatus"] = status;
                return absl::OkStatus();
              })
      .status();
}

}  // namespace howdah::local::controllers

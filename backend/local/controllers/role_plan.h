// What a role should be, what it is, and the statements between the two.
//
//   RoleSpec role = ParseRole(object["spec"]);
//   for (const RoleChange& change : PlanRole(role, state, password, quote)) ...
//
// Pure; used for the inline spec.managed.roles and for DatabaseRole objects.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_ROLE_PLAN_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_ROLE_PLAN_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/local/controllers/resources.h"
#include "backend/local/postgres/sql_quoting.h"

namespace howdah::local::controllers {

struct RoleAttributes {
  bool login = false;
  bool superuser = false;
  bool inherit = true;
  bool createdb = false;
  bool createrole = false;
  bool replication = false;
  bool bypassrls = false;
  int connection_limit = -1;
  std::string valid_until;  // RFC 3339 in UTC; empty: for ever
  bool operator==(const RoleAttributes&) const = default;
};

struct RoleSpec {
  std::string name;
  bool present = true;
  RoleAttributes attributes;
  std::set<std::string> in_roles;
  std::string comment;
  std::string password_secret;
  bool disable_password = false;
};

// As it is in PostgreSQL.
struct RoleState {
  RoleAttributes attributes;
  std::set<std::string> in_roles;
  std::string comment;
  bool has_password = false;
  std::string transaction_id;  // that wrote it last
};

// INVALID_ARGUMENT if validUntil is no time.
absl::StatusOr<RoleSpec> ParseRole(const Json& spec);

// Statements that belong together, and what the operator calls them.
struct RoleChange {
  std::string action;  // CREATE, UPDATE, UPDATE_COMMENT, DELETE, ...
  std::vector<std::string> statements;
};

// `verifier`: a password to set, already encrypted; nullopt leaves it alone.
std::vector<RoleChange> PlanRole(const RoleSpec& spec,
                                 const std::optional<RoleState>& state,
                                 const std::optional<std::string>& verifier,
                                 const postgres::SqlQuoting& quote);

// Apart from PlanRole, because every role must exist first. Authoritative: what
// is not wanted is revoked.
std::optional<RoleChange> PlanMemberships(const RoleSpec& spec,
                                          const std::set<std::string>& now,
                                          const postgres::SqlQuoting& quote);

// Whether the text is a verifier already, which PostgreSQL stores as it is.
bool IsEncrypted(absl::string_view password);

// Roles of the operator and of PostgreSQL, which nobody manages.
bool IsReserved(absl::string_view role);

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_ROLE_PLAN_H_

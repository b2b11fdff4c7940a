// Managed roles: reading both of their forms, and edits of the inline form.
//
// A role is declared inline in a Cluster's spec.managed.roles or, with
// CloudNativePG 1.30 and later, in a DatabaseRole object; inline wins where
// both name the same role. The inline list is atomic for Kubernetes, so an edit
// is an intent that is applied anew to the list as it is each time the write
// loses a race:
//
//   RoleEdit edit{.kind = RoleEdit::Kind::kPut, .name = "app_user",
//                 .attributes = {.login = true}, .password_secret = "..."};
//   nlohmann::json roles = EditRoles(cluster["spec"], edit);
#ifndef HOWDAH_BACKEND_CNPG_ROLES_H_
#define HOWDAH_BACKEND_CNPG_ROLES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/cnpg/object_meta.h"
#include "nlohmann/json_fwd.hpp"

namespace howdah::cnpg {

// What a role may do. The defaults are PostgreSQL's.
struct RoleAttributes {
  bool login = false;
  bool superuser = false;
  bool inherit = true;
  bool createdb = false;
  bool createrole = false;
  bool replication = false;
  bool bypassrls = false;
  int32_t connection_limit = -1;
  std::vector<std::string> in_roles;
  std::string comment;
  // RFC 3339; empty for no end.
  std::string valid_until;

  bool operator==(const RoleAttributes&) const = default;
};

// How far PostgreSQL has a role as wanted.
enum class RoleState { kPending, kReconciled, kFailed, kDeleting };

// A role with what the operator reports about it. Threads: a value.
struct ManagedRole {
  std::string name;
  RoleAttributes attributes;
  // Declared to be absent: being dropped, or dropped already.
  bool absent = false;
  // Listed by the operator as awaiting reconciliation, which tells a change
  // that it has seen from one that it has not.
  bool listed_pending = false;
  std::string password_secret;
  RoleState state = RoleState::kPending;
  // What the operator says, for a failed role.
  std::string message;
  // Version of the password Secret that PostgreSQL has; empty if none.
  std::string applied_password_version;
  // PostgreSQL's transaction that last changed the role, as the operator saw
  // it; changes with each change that the operator makes.
  int64_t applied_transaction = 0;

  bool operator==(const ManagedRole&) const = default;
};

// A DatabaseRole object. Threads: a value.
struct DatabaseRole {
  ObjectMeta meta;
  std::string cluster_name;
  ManagedRole role;
  // False until the operator has said anything about the newest specification.
  bool observed = false;
  bool drop_on_delete = false;
};

// INVALID_ARGUMENT for text that is no JSON object with a name.
absl::StatusOr<DatabaseRole> ReadDatabaseRole(absl::string_view json);

// One change of one inline role, independent of all others.
struct RoleEdit {
  enum class Kind {
    // Adds the role, or sets its attributes and Secret.
    kPut,
    // Changes the attributes that are given, keeps the others.
    kUpdate,
    // Declares the role absent: the operator drops it.
    kEnsureAbsent,
    // Takes an absent role off the list; a present one stays.
    kRemoveAbsent,
  };
  Kind kind = Kind::kPut;
  std::string name;
  RoleAttributes attributes;
  std::string password_secret;
};

// The flags of a role that an update may change; absent ones stay.
struct RoleChanges {
  std::optional<bool> login;
  std::optional<bool> superuser;
  std::optional<bool> inherit;
  std::optional<bool> createdb;
  std::optional<bool> createrole;
  std::optional<bool> replication;
};

// The list spec.managed.roles after the edit; entries of other roles and
// unknown fields of this one stay as they are. `cluster` is the whole object.
nlohmann::json EditRoles(const nlohmann::json& cluster, const RoleEdit& edit,
                         const RoleChanges& changes = {});

// `attributes` with the changes, and one line for each change that is one, for
// example "createdb: false -> true".
std::vector<std::string> ApplyChanges(const RoleChanges& changes,
                                      RoleAttributes& attributes);

// Merge patch of a DatabaseRole's spec for the changes.
nlohmann::json DatabaseRoleSpecPatch(const RoleChanges& changes);

// Manifest of a DatabaseRole. Every attribute is written out: the defaults of
// the schema are not PostgreSQL's.
nlohmann::json DatabaseRoleManifest(absl::string_view namespace_name,
                                    absl::string_view object_name,
                                    absl::string_view cluster_name,
                                    absl::string_view role_name,
                                    const RoleAttributes& attributes,
                                    absl::string_view password_secret);

// One line for each attribute that makes a role powerful.
std::vector<std::string> ElevationWarnings(absl::string_view role_name,
                                           const RoleAttributes& attributes);

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_ROLES_H_

// Where the roles of a cluster are declared.
//
// A role is inline in the Cluster or in a DatabaseRole object; inline wins.
// Objects are found by the cluster and role named inside them, never by their
// own name.
#ifndef HOWDAH_BACKEND_SERVICES_ROLE_DIRECTORY_H_
#define HOWDAH_BACKEND_SERVICES_ROLE_DIRECTORY_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/cnpg/cluster.h"
#include "backend/cnpg/roles.h"
#include "backend/services/plane.h"

namespace howdah::services {

// One role and its place. Threads: a value.
struct LocatedRole {
  cnpg::ManagedRole role;
  // The DatabaseRole object; null for an inline role.
  std::shared_ptr<const cnpg::DatabaseRole> object = {};
  // Version of the Cluster or DatabaseRole that this was read from.
  std::string version = {};

  bool is_inline() const { return object == nullptr; }
};

// The inline role of that name; null if there is none.
const cnpg::ManagedRole* FindInline(const cnpg::Cluster& cluster,
                                    absl::string_view role);

// The role as it is now, by direct reads; `cluster` is read directly too.
// DatabaseRole objects are looked at only where the server has them.
absl::StatusOr<std::optional<LocatedRole>> LocateRole(
    Plane& plane, const cnpg::Cluster& cluster, absl::string_view role,
    const kubernetes::Call& call);

// All roles of the cluster in the order of their names, from the caches where
// possible. Inline roles that are declared absent and gone are left out.
absl::StatusOr<std::vector<LocatedRole>> ListRoles(
    Plane& plane, const cnpg::Cluster& cluster, const kubernetes::Call& call);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_ROLE_DIRECTORY_H_

#include "backend/services/role_directory.h"

#include <algorithm>
#include <utility>

#include "proto/support/status_macros.h"

namespace howdah::services {

using RolePointer = std::shared_ptr<const cnpg::DatabaseRole>;

const cnpg::ManagedRole* FindInline(const cnpg::Cluster& cluster,
                                    absl::string_view role) {
  for (const cnpg::ManagedRole& candidate : cluster.roles) {
    if (candidate.name == role) return &candidate;
  }
  return nullptr;
}

absl::StatusOr<std::optional<LocatedRole>> LocateRole(
    Plane& plane, const cnpg::Cluster& cluster, absl::string_view role,
    const kubernetes::Call& call) {
  if (const cnpg::ManagedRole* found = FindInline(cluster, role)) {
    return LocatedRole{*found, nullptr, cluster.meta.resource_version};
  }
  ASSIGN_OR_RETURN(bool served,
                   plane.api().Serves(kubernetes::kDatabaseRoles, call));
  if (!served) return std::optional<LocatedRole>();
  ASSIGN_OR_RETURN(std::vector<RolePointer> objects,
                   plane.database_roles().ListDirectly(
                       {.namespace_name = cluster.meta.namespace_name}, call,
                       [&](const cnpg::DatabaseRole& object) {
                         return object.cluster_name == cluster.meta.name &&
                                object.role.name == role;
                       }));
  // Should there be several, the operator obeys the first that it has applied.
  RolePointer best;
  for (const RolePointer& object : objects) {
    bool better =
        best == nullptr || (best->role.state == cnpg::RoleState::kFailed &&
                            object->role.state != cnpg::RoleState::kFailed);
    if (better) best = object;
  }
  if (best == nullptr) return std::optional<LocatedRole>();
  return LocatedRole{best->role, best, best->meta.resource_version};
}

absl::StatusOr<std::vector<LocatedRole>> ListRoles(
    Plane& plane, const cnpg::Cluster& cluster, const kubernetes::Call& call) {
  std::vector<LocatedRole> roles;
  for (const cnpg::ManagedRole& role : cluster.roles) {
    if (role.absent && role.state == cnpg::RoleState::kReconciled) continue;
    roles.push_back({role, nullptr, cluster.meta.resource_version});
  }
  ASSIGN_OR_RETURN(bool served,
                   plane.api().Serves(kubernetes::kDatabaseRoles, call));
  if (served) {
    ASSIGN_OR_RETURN(std::vector<RolePointer> objects,
                     plane.database_roles().List(
                         {.namespace_name = cluster.meta.namespace_name}, call,
                         [&](const cnpg::DatabaseRole& object) {
                           return object.cluster_name == cluster.meta.name;
                         }));
    for (const RolePointer& object : objects) {
      if (FindInline(cluster, object->role.name) != nullptr) continue;
      roles.push_back({object->role, object, object->meta.resource_version});
    }
  }
  std::stable_sort(roles.begin(), roles.end(),
                   [](const LocatedRole& a, const LocatedRole& b) {
                     return a.role.name < b.role.name;
                   });
  return roles;
}

}  // namespace howdah::services

// Reading of roles inside a Cluster object; shared by cluster.cc and roles.cc.
#ifndef HOWDAH_BACKEND_CNPG_ROLE_READER_H_
#define HOWDAH_BACKEND_CNPG_ROLE_READER_H_

#include <vector>

#include "backend/cnpg/roles.h"
#include "backend/json/json_reader.h"

namespace howdah::cnpg {

// One role as spec.managed.roles and the spec of a DatabaseRole write it.
ManagedRole ReadRoleSpec(json::Element spec);

// The inline roles of a Cluster with their state from managedRolesStatus.
std::vector<ManagedRole> ReadInlineRoles(json::Element cluster);

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_ROLE_READER_H_

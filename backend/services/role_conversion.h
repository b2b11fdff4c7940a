// Roles of the domain to roles of the contract, and requests to attributes.
#ifndef HOWDAH_BACKEND_SERVICES_ROLE_CONVERSION_H_
#define HOWDAH_BACKEND_SERVICES_ROLE_CONVERSION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "backend/cnpg/roles.h"
#include "backend/services/role_directory.h"
#include "howdah/postgres/v1/role_service.pb.h"

namespace howdah::services {

postgres::v1::Role ToProto(const LocatedRole& located);

// Changes with the declaration of the role, not with what is reported of it.
std::string EtagOf(const LocatedRole& located);

cnpg::RoleAttributes AttributesOf(
    const postgres::v1::CreateRoleRequest& request);
cnpg::RoleChanges ChangesOf(const postgres::v1::UpdateRoleRequest& request);

// How `have` differs from `want` in the flags that a request can set, for
// example "createdb: false instead of true"; empty if it does not.
std::string DifferenceOf(const cnpg::RoleAttributes& have,
                         const cnpg::RoleAttributes& want);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_ROLE_CONVERSION_H_

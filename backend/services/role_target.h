// How the methods of RoleService find what they are about.
#ifndef HOWDAH_BACKEND_SERVICES_ROLE_TARGET_H_
#define HOWDAH_BACKEND_SERVICES_ROLE_TARGET_H_

#include "backend/cnpg/errors.h"
#include "backend/cnpg/names.h"
#include "backend/services/namespaces.h"
#include "backend/services/role_service.h"
#include "proto/support/status_macros.h"

namespace howdah::services {

template <typename Request>
absl::StatusOr<RoleService::Target> RoleService::FindTarget(
    const CallContext& context, const Request& request) {
  Target target;
  ASSIGN_OR_RETURN(target.plane, planes_.Get(request.context()));
  target.cluster_key = {NamespaceOf(request, *target.plane),
                        request.cluster_name()};
  target.role = request.role_name();
  target.call = UpstreamCall(context);
  if (cnpg::IsReservedRole(target.role)) return cnpg::RoleReserved(target.role);
  ASSIGN_OR_RETURN(target.cluster, target.plane->clusters().GetDirectly(
                                       target.cluster_key, target.call));
  if (target.cluster == nullptr) {
    return cnpg::ClusterNotFound(target.cluster_key.namespace_name,
                                 target.cluster_key.name);
  }
  if (target.cluster->meta.deleting) {
    return cnpg::ClusterBeingDeleted(target.cluster_key.namespace_name,
                                     target.cluster_key.name);
  }
  return target;
}

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_ROLE_TARGET_H_

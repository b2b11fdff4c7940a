// Whom Kubernetes takes a caller for, so that the cluster's RBAC decides.
//
//   const Impersonation as = {.on = true, .prefix = "oidc:"};
//   RETURN_IF_ERROR(Impersonate(as, principal));
//   // principal.kubernetes_user == "oidc:ada"
#ifndef HOWDAH_BACKEND_AUTH_IMPERSONATION_H_
#define HOWDAH_BACKEND_AUTH_IMPERSONATION_H_

#include <string>

#include "absl/status/status.h"
#include "backend/auth/principal.h"

namespace howdah::auth {

// Threads: a value.
struct Impersonation {
  bool on = false;
  // Put before names of users and groups, as the API server's own
  // --oidc-username-prefix does.
  std::string prefix = {};
};

// PERMISSION_DENIED with reason RESERVED_NAME for a caller whose name belongs
// to Kubernetes itself ("system:…"); groups with such names ("system:masters")
// are left out.
absl::Status Impersonate(const Impersonation& as, Principal& principal);

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_IMPERSONATION_H_

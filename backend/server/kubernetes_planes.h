// Makes planes from kubeconfig contexts: the control plane over REST, and the
// watch caches on it.
//
//   services::PlaneRegistry planes(MakeKubernetesPlanes(config.kubernetes));
#ifndef HOWDAH_BACKEND_SERVER_KUBERNETES_PLANES_H_
#define HOWDAH_BACKEND_SERVER_KUBERNETES_PLANES_H_

#include <memory>

#include "backend/server/config.h"
#include "backend/services/plane_registry.h"

namespace howdah::server {

// The kubeconfig is read when the first call needs it, and again for each
// context, so that one that appears later is found.
std::unique_ptr<services::PlaneFactory> MakeKubernetesPlanes(
    const KubernetesConfig& config);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_KUBERNETES_PLANES_H_

// What the operator's webhook checks of a Cluster.
#ifndef HOWDAH_BACKEND_LOCAL_API_CLUSTER_RULES_H_
#define HOWDAH_BACKEND_LOCAL_API_CLUSTER_RULES_H_

#include "absl/status/status.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// 422 with the webhook's name before the message. Nothing is checked where the
// annotation cnpg.io/validation is "disabled".
absl::Status CheckCluster(const Json& cluster, const Json* before);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_CLUSTER_RULES_H_

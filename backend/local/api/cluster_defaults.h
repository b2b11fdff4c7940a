// What the operator's webhook fills into a Cluster.
//
// All but what it runs: the image, and the settings of PostgreSQL. Here runs
// what is installed.
#ifndef HOWDAH_BACKEND_LOCAL_API_CLUSTER_DEFAULTS_H_
#define HOWDAH_BACKEND_LOCAL_API_CLUSTER_DEFAULTS_H_

#include "backend/local/object_store.h"

namespace howdah::local {

// The cluster fits its type. Whether anything was missing.
bool CompleteCluster(Json& cluster);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_CLUSTER_DEFAULTS_H_

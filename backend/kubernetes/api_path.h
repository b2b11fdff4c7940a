// URL paths and queries of the Kubernetes API.
//
//   ASSIGN_OR_RETURN(std::string path, ObjectPath(kClusters, {"ns", "demo"}));
//   // /apis/postgresql.cnpg.io/v1/namespaces/ns/clusters/demo
#ifndef HOWDAH_BACKEND_KUBERNETES_API_PATH_H_
#define HOWDAH_BACKEND_KUBERNETES_API_PATH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/kubernetes/control_plane.h"

namespace howdah::kubernetes {

// "/api/v1" or "/apis/<group>/<version>".
std::string GroupPath(const Resource& resource);

// Of all objects, in one namespace or, if it is empty, everywhere.
// INVALID_ARGUMENT if the name cannot be part of a path.
absl::StatusOr<std::string> CollectionPath(const Resource& resource,
                                           absl::string_view namespace_name);

absl::StatusOr<std::string> ObjectPath(const Resource& resource,
                                       const ObjectKey& key,
                                       absl::string_view subresource = "");

// Adds "?name=value", or "&name=value"; nothing if the value is empty.
void AddQuery(absl::string_view name, absl::string_view value,
              std::string& path);

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_API_PATH_H_

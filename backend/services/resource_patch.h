// Small builders of patches that several services need.
#ifndef HOWDAH_BACKEND_SERVICES_RESOURCE_PATCH_H_
#define HOWDAH_BACKEND_SERVICES_RESOURCE_PATCH_H_

#include <string>

#include "absl/strings/string_view.h"
#include "backend/cnpg/object_meta.h"
#include "nlohmann/json.hpp"

namespace howdah::services {

// Makes the patch fail with ABORTED unless the object is still at this version.
inline void OnlyAtVersion(nlohmann::json& patch,
                          absl::string_view resource_version) {
  if (resource_version.empty()) return;
  patch["metadata"]["resourceVersion"] = std::string(resource_version);
}

// Keeps the idempotency key on the object that the patch changes.
inline void KeepRequestId(nlohmann::json& patch, absl::string_view request_id) {
  if (request_id.empty()) return;
  patch["metadata"]["annotations"][std::string(cnpg::kRequestIdAnnotation)] =
      std::string(request_id);
}

inline std::string StringAt(const nlohmann::json& object, const char* pointer) {
  nlohmann::json::json_pointer path(pointer);
  if (!object.contains(path) || !object.at(path).is_string()) return "";
  return object.at(path).get<std::string>();
}

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_RESOURCE_PATCH_H_

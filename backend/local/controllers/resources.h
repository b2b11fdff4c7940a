// The resource types that the controllers read and write.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_RESOURCES_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_RESOURCES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local::controllers {

inline constexpr char kCnpgGroup[] = "postgresql.cnpg.io";
inline constexpr char kCnpgApiVersion[] = "postgresql.cnpg.io/v1";

inline const ResourceType kClusters{kCnpgGroup, "clusters"};
inline const ResourceType kDatabases{kCnpgGroup, "databases"};
inline const ResourceType kDatabaseRoles{kCnpgGroup, "databaseroles"};
inline const ResourceType kPods{"", "pods"};
inline const ResourceType kVolumeClaims{"", "persistentvolumeclaims"};
inline const ResourceType kServices{"", "services"};
inline const ResourceType kSecrets{"", "secrets"};
inline const ResourceType kEvents{"", "events"};

// Member of an object as text; empty if it is missing or no text.
inline std::string Text(const Json& object, absl::string_view key) {
  auto it = object.find(std::string(key));
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

// Member of an object as an object; empty if it is missing.
inline const Json& Child(const Json& object, absl::string_view key) {
  static const Json* const kEmpty = new Json(Json::object());
  auto it = object.find(std::string(key));
  return it != object.end() && it->is_object() ? *it : *kEmpty;
}

inline const Json& Metadata(const Json& object) {
  return Child(object, "metadata");
}

// A number; `fallback` if it is missing or none.
inline int64_t Number(const Json& object, absl::string_view key,
                      int64_t fallback) {
  auto it = object.find(std::string(key));
  return it != object.end() && it->is_number_integer() ? it->get<int64_t>()
                                                       : fallback;
}

inline bool Flag(const Json& object, absl::string_view key, bool fallback) {
  auto it = object.find(std::string(key));
  return it != object.end() && it->is_boolean() ? it->get<bool>() : fallback;
}

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_RESOURCES_H_

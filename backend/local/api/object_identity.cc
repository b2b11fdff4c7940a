#include "backend/local/api/object_identity.h"

#include <string>

#include "backend/local/api/api_error.h"
#include "backend/local/store/object_rules.h"

namespace howdah::local {

absl::Status CheckIdentity(const ResourcePath& path, const Json& object) {
  const std::string name = NameOf(object);
  if (name.empty()) return MissingName(path.name);
  if (name != path.name) return WrongName(name, path.name);
  const std::string space = NamespaceOf(object);
  return space.empty() || space == path.namespace_name ? absl::OkStatus()
                                                       : WrongNamespace();
}

}  // namespace howdah::local

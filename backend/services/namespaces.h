// Which namespace a request means.
#ifndef HOWDAH_BACKEND_SERVICES_NAMESPACES_H_
#define HOWDAH_BACKEND_SERVICES_NAMESPACES_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "backend/services/plane.h"

namespace howdah::services {

template <typename Request>
std::string NamespaceOf(const Request& request, const Plane& plane) {
  return request.namespace_().empty() ? plane.default_namespace()
                                      : request.namespace_();
}

// Where a list looks.
struct Scope {
  // Empty for all namespaces.
  std::string namespace_name;
  // As people read it: "namespace production" or "all namespaces".
  std::string text;
};

inline Scope ScopeOf(absl::string_view requested, const Plane& plane) {
  if (requested == "*") return {"", "all namespaces"};
  std::string name =
      requested.empty() ? plane.default_namespace() : std::string(requested);
  std::string text = absl::StrCat("namespace ", name);
  return {std::move(name), std::move(text)};
}

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_NAMESPACES_H_

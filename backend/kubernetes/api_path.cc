#include "backend/kubernetes/api_path.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "backend/kubernetes/text.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::kubernetes {
namespace {

std::string PercentEncoded(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

// Kubernetes' own rule for path segments; anything else would name another
// path.
absl::Status CheckSegment(absl::string_view field, absl::string_view name) {
  if (!name.empty() && name != "." && name != ".." &&
      !absl::StrContains(name, "/") && !absl::StrContains(name, "%")) {
    return absl::OkStatus();
  }
  return support::InvalidField(
      field, absl::StrCat("\"", BoundedText(name, 100),
                          "\" cannot name a Kubernetes object; give a name "
                          "like \"demo\""));
}

}  // namespace

std::string GroupPath(const Resource& resource) {
  return resource.group.empty()
             ? absl::StrCat("/api/", resource.version)
             : absl::StrCat("/apis/", resource.group, "/", resource.version);
}

absl::StatusOr<std::string> CollectionPath(const Resource& resource,
                                           absl::string_view namespace_name) {
  std::string path = GroupPath(resource);
  if (!namespace_name.empty()) {
    RETURN_IF_ERROR(CheckSegment("namespace", namespace_name));
    absl::StrAppend(&path, "/namespaces/", PercentEncoded(namespace_name));
  }
  absl::StrAppend(&path, "/", resource.plural);
  return path;
}

absl::StatusOr<std::string> ObjectPath(const Resource& resource,
                                       const ObjectKey& key,
                                       absl::string_view subresource) {
  ASSIGN_OR_RETURN(std::string path,
                   CollectionPath(resource, key.namespace_name));
  RETURN_IF_ERROR(CheckSegment("name", key.name));
  absl::StrAppend(&path, "/", PercentEncoded(key.name));
  if (!subresource.empty()) absl::StrAppend(&path, "/", subresource);
  return path;
}

void AddQuery(absl::string_view name, absl::string_view value,
              std::string& path) {
  if (value.empty()) return;
  absl::StrAppend(&path, absl::StrContains(path, "?") ? "&" : "?", name, "=",
                  PercentEncoded(value));
}

}  // namespace howdah::kubernetes

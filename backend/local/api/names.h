// The kinds of names that Kubernetes knows.
#ifndef HOWDAH_BACKEND_LOCAL_API_NAMES_H_
#define HOWDAH_BACKEND_LOCAL_API_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace howdah::local {

// Each returns "" if the name is good, else why not.
std::string CheckDns1123Subdomain(absl::string_view name);
std::string CheckDns1123Label(absl::string_view name);
std::string CheckDns1035Label(absl::string_view name);
// A label key or an annotation key: [prefix/]name.
std::string CheckQualifiedName(absl::string_view name);
std::string CheckLabelValue(absl::string_view value);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_NAMES_H_

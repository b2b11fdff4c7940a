// Names of scopes, as the configuration and as tokens have them.
//
//   IsScope("howdah:read", "howdah:read")             -> true
//   IsScope("howdah.read", "api://1234/howdah.read")  -> true
//
// Some issuers (Entra ID) want to be asked for a scope together with its
// resource, and then put only the last part of that name into the token.
#ifndef HOWDAH_BACKEND_AUTH_SCOPE_NAME_H_
#define HOWDAH_BACKEND_AUTH_SCOPE_NAME_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::auth {

// Whether a token's scope is the one that the configuration names.
inline bool IsScope(absl::string_view in_token, absl::string_view name) {
  if (in_token == name) return true;
  const size_t slash = name.rfind('/');
  return slash != absl::string_view::npos && !in_token.empty() &&
         in_token == name.substr(slash + 1);
}

inline bool HasScope(const std::vector<std::string>& in_token,
                     absl::string_view name) {
  return std::any_of(
      in_token.begin(), in_token.end(),
      [&](const std::string& scope) { return IsScope(scope, name); });
}

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_SCOPE_NAME_H_

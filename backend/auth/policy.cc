#include "backend/auth/policy.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/auth/errors.h"
#include "backend/auth/scope_name.h"
#include "proto/support/scopes.h"
#include "proto/support/status_details.h"

namespace howdah::auth {
namespace {

using mcp::v1::Scope;

absl::Status ReadOnly(absl::string_view method, absl::string_view whose) {
  return support::ErrorBuilder(absl::StatusCode::kPermissionDenied, "READ_ONLY",
                               support::kHowdahDomain)
      .Message(absl::StrCat(method, " is refused because ", whose,
                            " read-only; only calls that change nothing are "
                            "allowed."))
      .With("method", method)
      .Build();
}

}  // namespace

const std::string& ScopeNames::Of(Scope scope) const {
  switch (scope) {
    case mcp::v1::SCOPE_READ:
      return read;
    case mcp::v1::SCOPE_WRITE:
      return write;
    case mcp::v1::SCOPE_SECRETS:
      return secrets;
    default:
      return admin;
  }
}

std::vector<Scope> GrantedScopes(const Principal& principal,
                                 const ScopeNames& names) {
  std::vector<Scope> granted;
  for (const Scope scope : {mcp::v1::SCOPE_READ, mcp::v1::SCOPE_WRITE,
                            mcp::v1::SCOPE_ADMIN, mcp::v1::SCOPE_SECRETS}) {
    if (HasScope(principal.scopes, names.Of(scope))) granted.push_back(scope);
  }
  return granted;
}

absl::Status Policy::Authorise(const Principal& principal,
                               absl::string_view method,
                               const mcp::v1::Method& facts) const {
  if (facts.effect() != mcp::v1::EFFECT_READ) {
    if (read_only_) return ReadOnly(method, "this server is");
    if (principal.read_only) return ReadOnly(method, "the caller asked to be");
  }
  return RequireScopes(principal, method, support::NeededScopes(facts),
                       options_);
}

absl::Status RequireScopes(const Principal& principal, absl::string_view what,
                           const std::vector<Scope>& needed,
                           const PolicyOptions& options) {
  if (!principal.limited_to_scopes) return absl::OkStatus();
  const std::vector<Scope> granted =
      GrantedScopes(principal, options.scope_names);
  if (std::all_of(needed.begin(), needed.end(), [&](Scope scope) {
        return support::Grants(granted, scope);
      })) {
    return absl::OkStatus();
  }
  std::vector<std::string> names;
  for (const Scope scope : needed) {
    names.push_back(options.scope_names.Of(scope));
  }
  const std::string missing = absl::StrJoin(names, " ");
  names.insert(names.begin(), options.base_scopes.begin(),
               options.base_scopes.end());
  return ScopeMissing(absl::StrCat(what, " needs the scope \"", missing,
                                   "\", which the token of \"", principal.name,
                                   "\" does not have."),
                      absl::StrJoin(names, " "));
}

}  // namespace howdah::auth

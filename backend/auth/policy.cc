#include "backend/auth/policy.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::auth {
namespace {

using support::ErrorBuilder;

absl::Status ReadOnly(absl::string_view method, absl::string_view whose) {
  return ErrorBuilder(absl::StatusCode::kPermissionDenied, "READ_ONLY",
                      support::kHowdahDomain)
      .Message(absl::StrCat(method, " is refused because ", whose,
                            " read-only; only calls that change nothing are "
                            "allowed."))
      .With("method", method)
      .Build();
}

absl::Status RequireScope(const Principal& principal, absl::string_view method,
                          absl::string_view scope) {
  const auto& has = principal.scopes;
  if (std::find(has.begin(), has.end(), scope) != has.end()) {
    return absl::OkStatus();
  }
  return ErrorBuilder(absl::StatusCode::kPermissionDenied, "SCOPE_MISSING",
                      support::kHowdahDomain)
      .Message(absl::StrCat(method, " needs the scope \"", scope,
                            "\", which the token of \"", principal.name,
                            "\" does not have."))
      .With("method", method)
      .With("scope", scope)
      .Build();
}

}  // namespace

absl::string_view ScopeOf(mcp::v1::Effect effect) {
  switch (effect) {
    case mcp::v1::EFFECT_READ:
      return "howdah:read";
    case mcp::v1::EFFECT_EXECUTE:
      return "howdah:execute";
    default:
      return "howdah:write";
  }
}

absl::Status Policy::Authorise(const Principal& principal,
                               absl::string_view method,
                               const mcp::v1::Method& facts) const {
  if (facts.effect() != mcp::v1::EFFECT_READ) {
    if (options_.read_only) return ReadOnly(method, "this server is");
    if (principal.read_only) return ReadOnly(method, "the caller asked to be");
  }
  if (!principal.limited_to_scopes) return absl::OkStatus();
  if (facts.scopes().empty()) {
    return RequireScope(principal, method, ScopeOf(facts.effect()));
  }
  for (const std::string& scope : facts.scopes()) {
    absl::Status status = RequireScope(principal, method, scope);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace howdah::auth

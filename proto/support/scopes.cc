#include "proto/support/scopes.h"

#include <algorithm>

namespace howdah::support {

using mcp::v1::Scope;

std::vector<Scope> NeededScopes(const mcp::v1::Method& facts) {
  if (facts.access() != mcp::v1::ACCESS_UNSPECIFIED) return {};
  std::vector<Scope> needed;
  for (const int scope : facts.scopes()) {
    needed.push_back(static_cast<Scope>(scope));
  }
  if (!needed.empty()) return needed;
  if (facts.destructive()) return {mcp::v1::SCOPE_ADMIN};
  switch (facts.effect()) {
    case mcp::v1::EFFECT_READ:
      return {mcp::v1::SCOPE_READ};
    case mcp::v1::EFFECT_CREATE:
    case mcp::v1::EFFECT_UPDATE:
      return {mcp::v1::SCOPE_WRITE};
    default:
      return {mcp::v1::SCOPE_ADMIN};
  }
}

std::string ScopeText(Scope scope) {
  switch (scope) {
    case mcp::v1::SCOPE_READ:
      return "howdah:read";
    case mcp::v1::SCOPE_WRITE:
      return "howdah:write";
    case mcp::v1::SCOPE_SECRETS:
      return "howdah:secrets";
    default:
      return "howdah:admin";
  }
}

bool Grants(absl::Span<const Scope> granted, Scope needed) {
  // Reading, writing and administering include each other in this order.
  const bool ordered =
      needed >= mcp::v1::SCOPE_READ && needed <= mcp::v1::SCOPE_ADMIN;
  return std::any_of(granted.begin(), granted.end(), [&](Scope has) {
    return has == needed ||
           (ordered && has > needed && has <= mcp::v1::SCOPE_ADMIN);
  });
}

}  // namespace howdah::support

// Which scopes of a token a method needs, by its declared facts.
//
//   DELETE, or declared destructive        -> {SCOPE_ADMIN}
//   Grants({SCOPE_WRITE}, SCOPE_READ)       -> true: writing includes reading
//
// The backend enforces this; the adapter shows only tools that would be let
// through.
#ifndef HOWDAH_PROTO_SUPPORT_SCOPES_H_
#define HOWDAH_PROTO_SUPPORT_SCOPES_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::support {

// None for a method that needs none (`access`); an undeclared effect counts as
// the worst.
std::vector<mcp::v1::Scope> NeededScopes(const mcp::v1::Method& facts);

// "howdah:read": the name that a scope has unless a server is told another.
std::string ScopeText(mcp::v1::Scope scope);

// Whether one of `granted` is or includes `needed`.
bool Grants(absl::Span<const mcp::v1::Scope> granted, mcp::v1::Scope needed);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_SCOPES_H_

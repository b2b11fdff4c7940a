// The token of a request, as RFC 6750 has it in the Authorization header.
//
//   BearerToken("Bearer eyJ…") -> "eyJ…"
//   BearerToken("Basic YTpi")  -> ""
#ifndef HOWDAH_ADAPTER_MCP_BEARER_TOKEN_H_
#define HOWDAH_ADAPTER_MCP_BEARER_TOKEN_H_

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace howdah::mcp {

// Empty if there is none.
inline absl::string_view BearerToken(absl::string_view authorization) {
  constexpr absl::string_view kScheme = "Bearer ";
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) return {};
  return absl::StripAsciiWhitespace(authorization.substr(kScheme.size()));
}

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_BEARER_TOKEN_H_

// What a client is told that needs a token, another one, or more scopes: the
// WWW-Authenticate header of RFC 6750, with the address of the metadata from
// which it finds its way to the authorization server (RFC 9728).
//
//   challenge.NeedsToken("howdah:read")
//     -> Bearer resource_metadata="https://h/.well-known/oauth-protected-
//        resource/mcp", scope="howdah:read"
//   challenge.NeedsScopes({"howdah:write"})
//     -> Bearer error="insufficient_scope", scope="…", resource_metadata="…"
#ifndef HOWDAH_ADAPTER_MCP_CHALLENGE_H_
#define HOWDAH_ADAPTER_MCP_CHALLENGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/mcp/token_verifier.h"

namespace howdah::mcp {

inline constexpr absl::string_view kChallengeHeader = "WWW-Authenticate";

// Threads: immutable. Owns: copies.
class Challenge {
 public:
  // `metadata_url`: of the protected resource.
  Challenge(std::string metadata_url, const AuthorizationServer& server);

  // There was no token.
  std::string NeedsToken() const;
  // There was one, but it is good for nothing.
  std::string InvalidToken(absl::string_view why) const;
  // It lacks scopes; `scopes` are all that are needed, by the names of the
  // contract ("howdah:write").
  std::string NeedsScopes(const std::vector<std::string>& scopes) const;
  // The same with the issuer's own names.
  std::string NeedsScopesNamed(absl::string_view scopes) const;

  // Scopes without which nothing can be done at all, in the issuer's names.
  const std::string& least_scopes() const { return least_scopes_; }

 private:
  std::string WithError(absl::string_view error, absl::string_view why,
                        absl::string_view scopes) const;

  const std::string metadata_url_;
  const AuthorizationServer server_;
  std::string least_scopes_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_CHALLENGE_H_

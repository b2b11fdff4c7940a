// The flags of howdah-mcp that say whose tokens get in over HTTP.
//
//   AuthorizationConfig authorization;
//   DescribeAuthorization(flags, authorization);
//
// The backend verifies tokens and knows all of this better; a backend that the
// adapter spawns gets the same flags.
#ifndef HOWDAH_ADAPTER_SERVER_AUTHORIZATION_CONFIG_H_
#define HOWDAH_ADAPTER_SERVER_AUTHORIZATION_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "proto/support/program_flags.h"

namespace howdah::adapter {

// Threads: a value.
struct AuthorizationConfig {
  // Empty: no tokens are asked for.
  std::string issuer;
  std::vector<std::string> audiences;
  std::string jwks_uri;
  std::string scope;
  std::string dcr_proxy_url;
  std::string scopes;

  bool operator==(const AuthorizationConfig&) const = default;
};

// Adds the flags, whose variables are also called OIDC_ISSUER, OIDC_AUDIENCE,
// OIDC_JWKS_URI, OIDC_SCOPE and DCR_PROXY_URL.
void DescribeAuthorization(support::ProgramFlags& flags,
                           AuthorizationConfig& config);

// The same for howdah-backend. Without an issuer they say that there is none,
// whatever the environment says: over stdio nobody has a token.
std::vector<std::string> BackendFlags(const AuthorizationConfig& config);

// INVALID_ARGUMENT for an address that others can reach while no tokens are
// asked for.
absl::Status CheckReach(const AuthorizationConfig& config,
                        const std::string& host);

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_AUTHORIZATION_CONFIG_H_

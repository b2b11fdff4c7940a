// The flags of howdah-mcp that say whose tokens get in over HTTP.
//
//   AuthorizationConfig authorization;
//   DescribeAuthorization(options, authorization, environment);
//
// The backend verifies tokens and knows all of this better; a backend that the
// adapter spawns gets the same flags.
#ifndef HOWDAH_ADAPTER_SERVER_AUTHORIZATION_CONFIG_H_
#define HOWDAH_ADAPTER_SERVER_AUTHORIZATION_CONFIG_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "boost/program_options/options_description.hpp"

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

// Value of an environment variable, empty if it is not set.
using EnvironmentOf = std::function<std::string(const char* name)>;

inline std::string EmptyEnvironment(const char*) { return {}; }

// Adds the flags. One that is not given has the value of its environment
// variable: OIDC_ISSUER, OIDC_AUDIENCE, OIDC_JWKS_URI, OIDC_SCOPE,
// DCR_PROXY_URL.
void DescribeAuthorization(boost::program_options::options_description& options,
                           AuthorizationConfig& config,
                           const EnvironmentOf& environment);

// The same for howdah-backend. Without an issuer they say that there is none,
// whatever the environment says: over stdio nobody has a token.
std::vector<std::string> BackendFlags(const AuthorizationConfig& config);

// INVALID_ARGUMENT for an address that others can reach while no tokens are
// asked for.
absl::Status CheckReach(const AuthorizationConfig& config,
                        const std::string& host);

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_AUTHORIZATION_CONFIG_H_

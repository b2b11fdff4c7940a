// The flags of howdah-backend that say whose tokens it takes.
//
//   AuthorizationFlags flags;
//   DescribeAuthorization(program_flags, flags);
//   ASSIGN_OR_RETURN(config.authorization, CheckAuthorization(flags));
#ifndef HOWDAH_BACKEND_SERVER_AUTHORIZATION_CONFIG_H_
#define HOWDAH_BACKEND_SERVER_AUTHORIZATION_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/auth/impersonation.h"
#include "backend/auth/policy.h"
#include "proto/support/program_flags.h"

namespace howdah::server {

// Where tokens come from. Threads: a value.
struct AuthorizationConfig {
  // Empty: no tokens are taken, and callers are known by their connections.
  std::string issuer;
  std::string jwks_uri;
  std::vector<std::string> audiences;
  // Every token must have these.
  std::vector<std::string> required_scopes;
  bool enforce_scopes = false;
  auth::ScopeNames scope_names;
  std::string registration_endpoint;
  std::string username_claim;
  std::string groups_claim;
  auth::Impersonation impersonation;
  // Bad tokens of an address, each second; 0: as many as come.
  double failure_rate = 0;
};

// The flags as they are written, before they are checked.
struct AuthorizationFlags {
  std::string issuer, jwks_uri, scope, dcr_proxy_url, scopes, username_claim,
      groups_claim, impersonate_prefix;
  bool impersonate = false;
  double failure_rate = 0;
  std::vector<std::string> audiences;
};

using support::EmptyEnvironment;
using support::EnvironmentOf;

// Adds the flags, whose variables are also called OIDC_ISSUER, OIDC_AUDIENCE,
// OIDC_JWKS_URI, OIDC_SCOPE and DCR_PROXY_URL.
void DescribeAuthorization(support::ProgramFlags& flags,
                           AuthorizationFlags& written);

// INVALID_ARGUMENT with reason BAD_FLAG: an issuer without an audience above
// all, since then every token of the issuer would open this server.
absl::StatusOr<AuthorizationConfig> CheckAuthorization(
    const AuthorizationFlags& flags);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_AUTHORIZATION_CONFIG_H_

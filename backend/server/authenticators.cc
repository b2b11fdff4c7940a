#include "backend/server/authenticators.h"

#include "backend/auth/connection_authenticator.h"
#include "backend/auth/http_get.h"
#include "backend/auth/token_authenticator.h"
#include "backend/net/clock.h"

namespace howdah::server {

std::unique_ptr<auth::Issuer> MakeIssuer(const AuthorizationConfig& config) {
  if (config.issuer.empty()) return nullptr;
  return std::make_unique<auth::Issuer>(
      auth::IssuerOptions{.url = config.issuer, .jwks_uri = config.jwks_uri},
      auth::MakeHttpGet(), net::SystemClock());
}

absl::StatusOr<std::unique_ptr<auth::Authenticator>> MakeAuthenticator(
    const Config& config, auth::Issuer* issuer) {
  const bool certificates =
      !config.server.net.tls.client_authority_file.empty();
  if (issuer == nullptr) {
    return std::make_unique<auth::ConnectionAuthenticator>(
        auth::ConnectionAuthenticatorOptions{.certificates = certificates});
  }
  const AuthorizationConfig& from = config.authorization;
  auth::TokenAuthenticatorOptions options;
  options.rules = {.issuer = from.issuer,
                   .audiences = from.audiences,
                   .scopes = from.required_scopes,
                   .username_claim = from.username_claim,
                   .groups_claim = from.groups_claim,
                   .limit_to_scopes = from.enforce_scopes};
  options.certificates = certificates;
  options.impersonation = from.impersonation;
  options.failures.rate = {.per_second = from.failure_rate,
                           .burst = 2 * from.failure_rate};
  return auth::TokenAuthenticator::Make(std::move(options), *issuer,
                                        net::SystemClock());
}

}  // namespace howdah::server

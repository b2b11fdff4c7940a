// Makes what finds out who calls, as the configuration wants it.
//
//   const auto issuer = MakeIssuer(config.authorization);
//   ASSIGN_OR_RETURN(auto authenticator,
//                    MakeAuthenticator(config, issuer.get()));
#ifndef HOWDAH_BACKEND_SERVER_AUTHENTICATORS_H_
#define HOWDAH_BACKEND_SERVER_AUTHENTICATORS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "backend/auth/authenticator.h"
#include "backend/auth/issuer.h"
#include "backend/server/config.h"

namespace howdah::server {

// Null where no tokens are taken. Asks nothing before the first token comes.
std::unique_ptr<auth::Issuer> MakeIssuer(const AuthorizationConfig& config);

// `issuer` must outlive the authenticator.
absl::StatusOr<std::unique_ptr<auth::Authenticator>> MakeAuthenticator(
    const Config& config, auth::Issuer* issuer);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_AUTHENTICATORS_H_

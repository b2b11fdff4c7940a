// Authenticates by the connection alone: a verified client certificate gives
// its name; callers on loopback or a Unix socket are "local".
//
//   ConnectionAuthenticator authenticator({.certificates = true});
#ifndef HOWDAH_BACKEND_AUTH_CONNECTION_AUTHENTICATOR_H_
#define HOWDAH_BACKEND_AUTH_CONNECTION_AUTHENTICATOR_H_

#include "backend/auth/authenticator.h"

namespace howdah::auth {

// Who a verified client certificate says it is; nothing without a name.
std::optional<Principal> PrincipalOfCertificate(const Caller& caller);

struct ConnectionAuthenticatorOptions {
  // TLS with client certificates is on: ask connections for their names.
  bool certificates = false;
};

// Threads: immutable; safe. Limits: knows no tokens; a call that carries one
// is refused, so that nobody believes it was looked at.
class ConnectionAuthenticator : public Authenticator {
 public:
  explicit ConnectionAuthenticator(ConnectionAuthenticatorOptions options = {})
      : options_(options) {}

  std::optional<Answer> FromMemory(const Caller& caller) override;

 private:
  const ConnectionAuthenticatorOptions options_;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_CONNECTION_AUTHENTICATOR_H_

// Authenticates by the connection alone: a verified client certificate gives
// its name; callers on loopback or a Unix socket are "local".
//
//   ConnectionAuthenticator authenticator({.certificates = true});
#ifndef HOWDAH_BACKEND_AUTH_CONNECTION_AUTHENTICATOR_H_
#define HOWDAH_BACKEND_AUTH_CONNECTION_AUTHENTICATOR_H_

#include "backend/auth/authenticator.h"

namespace howdah::auth {

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

  absl::StatusOr<Principal> Authenticate(const Caller& caller) const override;

 private:
  const ConnectionAuthenticatorOptions options_;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_CONNECTION_AUTHENTICATOR_H_

// Finds out who makes a call, from what the transport knows about the caller.
//
//   ConnectionAuthenticator authenticator;
//   ASSIGN_OR_RETURN(Principal who, authenticator.Authenticate(caller));
//
// Bearer tokens are another implementation of this seam.
#ifndef HOWDAH_BACKEND_AUTH_AUTHENTICATOR_H_
#define HOWDAH_BACKEND_AUTH_AUTHENTICATOR_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/auth/principal.h"

namespace howdah::auth {

// A caller as its connection shows it. What costs something is asked for only
// when an implementation needs it. Threads: used by one thread.
class Caller {
 public:
  virtual ~Caller() = default;
  // First value of a metadata key, in lower case; empty if there is none.
  virtual absl::string_view Metadata(absl::string_view key) const = 0;
  // Address as gRPC writes it: "unix:", "ipv4:127.0.0.1:40000".
  virtual std::string Peer() const = 0;
  // Names in a verified client certificate, the common name first, as
  // Kubernetes reads them;
  // empty without one.
  virtual std::vector<std::string> CertificateNames() const = 0;
};

// Threads: safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // UNAUTHENTICATED if the caller cannot be let in. Must not block.
  virtual absl::StatusOr<Principal> Authenticate(
      const Caller& caller) const = 0;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_AUTHENTICATOR_H_

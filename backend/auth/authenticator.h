// Finds out who makes a call, from what the transport knows about the caller.
//
//   if (auto known = authenticator.FromMemory(caller)) return Admit(*known);
//   authenticator.Authenticate(caller, [](auto who) { … });   // elsewhere
//
// ConnectionAuthenticator looks at the connection alone, TokenAuthenticator at
// bearer tokens.
#ifndef HOWDAH_BACKEND_AUTH_AUTHENTICATOR_H_
#define HOWDAH_BACKEND_AUTH_AUTHENTICATOR_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
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
  using Answer = absl::StatusOr<Principal>;
  using Done = std::function<void(Answer)>;

  virtual ~Authenticator() = default;

  // UNAUTHENTICATED if the caller cannot be let in. Nothing if that takes more
  // than a look into memory. Never blocks.
  virtual std::optional<Answer> FromMemory(const Caller& caller) = 0;

  // As FromMemory, for callers of which it knows nothing. Calls `done` once,
  // now or later, on any thread; may compute, but never waits. `caller` is not
  // used after it has returned.
  virtual void Authenticate(const Caller& caller, Done done) {
    std::optional<Answer> answer = FromMemory(caller);
    done(answer ? *std::move(answer)
                : absl::InternalError("Nobody knows who calls."));
  }
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_AUTHENTICATOR_H_

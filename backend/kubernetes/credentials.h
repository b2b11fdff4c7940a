// What a request shows to the API server to prove who sends it, renewed before
// it ends and after the server has refused it.
//
//   ASSIGN_OR_RETURN(Credential credential, credentials.Get(call));
//   ... 401 ...
//   credentials.Refused(credential);   // the next Get() has a fresh one
#ifndef HOWDAH_BACKEND_KUBERNETES_CREDENTIALS_H_
#define HOWDAH_BACKEND_KUBERNETES_CREDENTIALS_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/kubernetes/connection.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/net/clock.h"

namespace howdah::kubernetes {

struct Credential {
  // Sent as a bearer token when not empty.
  std::string token = {};
  // Used for TLS when set, in place of the connection's.
  std::shared_ptr<const net::ClientCertificate> certificate = {};
  // Tells one credential from the next.
  uint64_t generation = 0;
};

// Threads: safe. One thread at a time renews; others wait for it.
// Owns: the newest credential. Limits: a token file is read at most once a
// minute, unless the server refuses the token.
class Credentials {
 public:
  // Both must outlive this.
  Credentials(const Connection& connection, net::Clock& clock)
      : connection_(connection), clock_(clock) {}

  absl::StatusOr<Credential> Get(const Call& call);

  // The server has refused it. Returns whether another try makes sense, which
  // is so when the credential can change.
  bool Refused(const Credential& credential);

 private:
  struct Renewed {
    Credential credential;
    absl::Time valid_until;
  };
  absl::StatusOr<Renewed> Renew(const Call& call) const;

  const Connection& connection_;
  net::Clock& clock_;

  std::mutex mutex_;
  std::condition_variable_any renewed_;
  // Guarded by mutex_.
  bool renewing_ = false;
  uint64_t generation_ = 0;
  Credential current_;
  absl::Time valid_until_ = absl::InfinitePast();
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_CREDENTIALS_H_

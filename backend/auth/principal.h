// Who makes a call.
#ifndef HOWDAH_BACKEND_AUTH_PRINCIPAL_H_
#define HOWDAH_BACKEND_AUTH_PRINCIPAL_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace howdah::auth {

// An authenticated caller; for a caller on loopback or a private Unix socket
// without authentication, `name` is "local". Threads: a value.
struct Principal {
  std::string name = "local";
  // Who says so, and the name it never gives to another; empty without a token.
  std::string issuer = {};
  std::string subject = {};
  std::vector<std::string> groups = {};
  std::vector<std::string> scopes = {};
  // It may do just what `scopes` name, not all that the server allows.
  bool limited_to_scopes = false;
  // In whose name Kubernetes is asked; empty: in the server's own.
  std::string kubernetes_user = {};
  std::vector<std::string> kubernetes_groups = {};
  // When the token ends.
  absl::Time expires = absl::InfiniteFuture();
  // The caller asked for (and can only ask for) a narrower view.
  bool read_only = false;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_PRINCIPAL_H_

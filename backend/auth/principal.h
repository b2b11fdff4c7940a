// Who makes a call.
#ifndef HOWDAH_BACKEND_AUTH_PRINCIPAL_H_
#define HOWDAH_BACKEND_AUTH_PRINCIPAL_H_

#include <string>
#include <vector>

namespace howdah::auth {

// An authenticated caller; for a caller on loopback or a private Unix socket
// without authentication, `name` is "local". Threads: a value.
struct Principal {
  std::string name = "local";
  std::vector<std::string> groups;
  std::vector<std::string> scopes;
  // True for a caller with a token: it may do just what `scopes` name.
  bool limited_to_scopes = false;
  // The caller asked for (and can only ask for) a narrower view.
  bool read_only = false;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_PRINCIPAL_H_

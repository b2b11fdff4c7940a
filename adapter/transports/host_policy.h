// Whether a request was meant for this server. A web page can make a browser
// send requests to loopback addresses (DNS rebinding); the Host and Origin
// headers give it away.
//
//   HostPolicy policy("127.0.0.1", {});
//   policy.Allows("localhost:3000", "")                     -> true
//   policy.Allows("localhost:3000", "https://evil.example") -> false
#ifndef HOWDAH_ADAPTER_TRANSPORTS_HOST_POLICY_H_
#define HOWDAH_ADAPTER_TRANSPORTS_HOST_POLICY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::transports {

// Threads: immutable but for assignment.
// Owns: copies of the names.
// Limits: names are compared as they are written; nothing is resolved.
class HostPolicy {
 public:
  // Bound to loopback: loopback names and `allowed_hosts`. Else `allowed_hosts`
  // and loopback names, or any host if there are none, and then an Origin has
  // to be of that host. `allowed_origins` are allowed whatever their host.
  HostPolicy(absl::string_view bound_address,
             std::vector<std::string> allowed_hosts,
             std::vector<std::string> allowed_origins = {});

  // Values of the Host and Origin headers; no Origin is an empty one.
  bool Allows(absl::string_view host, absl::string_view origin) const;

  // Whether pages of this origin may also read the answers (CORS): only those
  // that the operator has named.
  bool MayRead(absl::string_view origin) const;

 private:
  bool Knows(absl::string_view name) const;

  bool any_host_;
  std::vector<std::string> allowed_;
  std::vector<std::string> origins_;
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_HOST_POLICY_H_

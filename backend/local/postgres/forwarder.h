// Stable TCP ports that lead to whichever server is right now: what Services
// are in Kubernetes.
//
//   RETURN_IF_ERROR(forwarder->Listen("default/demo-rw", 20000));
//   forwarder->SetTargets("default/demo-rw", {20001});
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_FORWARDER_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_FORWARDER_H_

#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"

namespace howdah::local::postgres {

// Threads: safe. Owns: one thread, the listening sockets and the connections.
// Limits: loopback only; a connection made while there is no target is closed
// at once; one whose target is no longer among the targets is cut.
class Forwarder {
 public:
  Forwarder();
  ~Forwarder();

  // Listens on 127.0.0.1:`port`. Does nothing if it already does for `name`.
  // ALREADY_EXISTS if another program has the port.
  absl::Status Listen(const std::string& name, int port);
  // Ports on 127.0.0.1, taken in turn.
  void SetTargets(const std::string& name, std::set<int> ports);
  void Remove(const std::string& name);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_FORWARDER_H_

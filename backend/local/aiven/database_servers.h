// The servers behind services of the sandbox.
//
//   ASSIGN_OR_RETURN(int port, servers.Serve(service));
//   // 127.0.0.1:port answers as the service says: users, databases, TLS
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_DATABASE_SERVERS_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_DATABASE_SERVERS_H_

#include <string>

#include "absl/status/statusor.h"
#include "backend/local/aiven/fleet.h"

namespace howdah::local::aiven {

// Threads: safe.
class DatabaseServers {
 public:
  virtual ~DatabaseServers() = default;

  // Whether services of this type are real.
  virtual bool Serves(const std::string& service_type) const = 0;
  // The port that the server of a service will have; 0 if none is left.
  virtual int PortFor(const Service& service) = 0;

  // Starts the server if need be, makes it have the users and databases of the
  // service, and returns its port. Blocks, for seconds at the first call.
  virtual absl::StatusOr<int> Serve(const Service& service) = 0;
  // Makes a running server have them; one that is not stays so.
  virtual absl::Status Update(const Service& service) = 0;
  // Ends the server; its data stays.
  virtual void PowerOff(const Service& service) = 0;
  // Ends it and removes its data.
  virtual void Remove(const Service& service) = 0;
};

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_DATABASE_SERVERS_H_

// The health protocol of gRPC, grpc.health.v1.
//
//   Health health({"howdah.postgres.v1.ClusterService"});
//   health.Methods()            // Check and Watch, for the side door
//   health.StopServing();       // from now on NOT_SERVING
#ifndef HOWDAH_BACKEND_SERVER_HEALTH_H_
#define HOWDAH_BACKEND_SERVER_HEALTH_H_

#include <atomic>
#include <set>
#include <string>
#include <vector>

#include "backend/server/side_method.h"

namespace howdah::server {

// Threads: safe. Limits: all services share one fate; what they depend on is
// told by their own errors, since a server that cannot reach one of its planes
// can still say so.
class Health {
 public:
  explicit Health(const std::vector<std::string>& services);

  // The methods refer to this object.
  std::vector<SideMethod> Methods();

  void StopServing() { serving_ = false; }

 private:
  absl::StatusOr<std::string> Check(absl::string_view request) const;
  absl::StatusOr<std::string> Watch(absl::string_view request) const;
  bool Knows(const std::string& service) const;

  std::set<std::string> services_;
  std::atomic<bool> serving_ = true;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_HEALTH_H_

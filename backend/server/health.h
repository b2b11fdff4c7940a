// The health protocol of gRPC, grpc.health.v1.
//
//   Health health({"howdah.postgres.v1.ClusterService"}, ready);
//   health.Methods()            // Check and Watch, for the side door
//   health.StopServing();       // from now on NOT_SERVING
#ifndef HOWDAH_BACKEND_SERVER_HEALTH_H_
#define HOWDAH_BACKEND_SERVER_HEALTH_H_

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "backend/server/side_method.h"

namespace howdah::server {

// What is asked for as the service of this name is whether calls would find
// what they need; all others are whether they would be answered at all.
inline constexpr char kReadiness[] = "howdah.readiness";

// Threads: safe. Limits: all services share one fate; what they depend on is
// told by their own errors, since a server that cannot reach one of its planes
// can still say so.
class Health {
 public:
  // `ready` may be empty; it must not block.
  Health(const std::vector<std::string>& services, std::function<bool()> ready);

  // The methods refer to this object.
  std::vector<SideMethod> Methods();

  void StopServing() { serving_ = false; }

 private:
  absl::StatusOr<std::string> Check(absl::string_view request) const;
  absl::StatusOr<std::string> Watch(absl::string_view request) const;
  bool Knows(const std::string& service) const;
  std::string StateOf(const std::string& service) const;

  std::set<std::string> services_;
  const std::function<bool()> ready_;
  std::atomic<bool> serving_ = true;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_HEALTH_H_

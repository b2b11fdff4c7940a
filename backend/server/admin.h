// The backend's side door for operators: /health/live, /health/ready, /metrics.
//
//   ASSIGN_OR_RETURN(auto admin, Admin::Start("9091", *server, readiness));
//
// It exists only where --admin-listen asks for it.
#ifndef HOWDAH_BACKEND_SERVER_ADMIN_H_
#define HOWDAH_BACKEND_SERVER_ADMIN_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backend/server/readiness.h"
#include "backend/server/server.h"

namespace howdah::server {

// Threads: one of its own. Owns: its sockets. Server and readiness must outlive
// it.
class Admin {
 public:
  static absl::StatusOr<std::unique_ptr<Admin>> Start(const std::string& listen,
                                                      const Server& server,
                                                      Readiness& readiness);
  virtual ~Admin() = default;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_ADMIN_H_

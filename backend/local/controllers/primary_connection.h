// SQL on the primary of a cluster.
//
//   ASSIGN_OR_RETURN(Primary primary, FindPrimary(environment, "ns", "demo"));
//   ASSIGN_OR_RETURN(Connection db, primary.Connect("app"));
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_PRIMARY_CONNECTION_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_PRIMARY_CONNECTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "backend/local/controllers/environment.h"
#include "backend/local/postgres/connection.h"

namespace howdah::local::controllers {

struct Primary {
  Json cluster;
  postgres::Endpoint endpoint;

  // UNAVAILABLE if it does not answer, or is no primary at this moment.
  absl::StatusOr<postgres::Connection> Connect(
      const std::string& database) const;
};

// NOT_FOUND if there is no such cluster, UNAVAILABLE if it has no primary yet.
absl::StatusOr<Primary> FindPrimary(Environment& environment,
                                    const std::string& namespace_name,
                                    const std::string& cluster);

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_PRIMARY_CONNECTION_H_

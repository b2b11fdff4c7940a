// What a new cluster gets before anybody may use it: the replication role, the
// application's role and database. May be repeated after a crash.
//
//   RETURN_IF_ERROR(RunInitialSql(endpoint, setup));
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_INITIAL_SQL_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_INITIAL_SQL_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "backend/local/postgres/connection.h"

namespace howdah::local::controllers {

struct InitialSetup {
  std::string app_database;
  std::string app_owner;
  std::string app_password;
  std::vector<std::string> post_init_sql;
  std::vector<std::string> post_init_application_sql;
};

absl::Status RunInitialSql(const postgres::Endpoint& endpoint,
                           const InitialSetup& setup);

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_INITIAL_SQL_H_

// Statements that make a database what its Database object says.
//
//   for (const std::string& sql : PlanDatabase(spec, state, quote)) ...
//
// Pure.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_DATABASE_PLAN_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_DATABASE_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "backend/local/controllers/resources.h"
#include "backend/local/postgres/sql_quoting.h"

namespace howdah::local::controllers {

// As it is in PostgreSQL.
struct DatabaseState {
  std::string owner;
  std::string tablespace;
  bool is_template = false;
  bool allow_connections = true;
  int connection_limit = -1;
};

// `spec` is that of the Database. Each statement stands alone: CREATE and DROP
// DATABASE allow no transaction.
std::vector<std::string> PlanDatabase(const Json& spec,
                                      const std::optional<DatabaseState>& state,
                                      const postgres::SqlQuoting& quote);

// Something inside the database: a schema or an extension.
struct InnerState {
  std::string owner;    // of a schema
  std::string version;  // of an extension
  std::string schema;   // of an extension
};
std::vector<std::string> PlanSchema(const Json& schema,
                                    const std::optional<InnerState>& state,
                                    const postgres::SqlQuoting& quote);
std::vector<std::string> PlanExtension(const Json& extension,
                                       const std::optional<InnerState>& state,
                                       const postgres::SqlQuoting& quote);

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_DATABASE_PLAN_H_

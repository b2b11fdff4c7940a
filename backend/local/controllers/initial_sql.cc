#include "backend/local/controllers/initial_sql.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "backend/local/postgres/server_config.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

using postgres::Connection;

constexpr absl::Duration kTimeout = absl::Minutes(5);

// The role may be there already, when a crash came between two steps.
absl::Status CreateRole(Connection& connection, const std::string& name,
                        absl::string_view attributes) {
  ASSIGN_OR_RETURN(
      postgres::Rows rows,
      connection.Query("SELECT FROM pg_catalog.pg_roles WHERE rolname = $1",
                       {name}));
  return connection.Execute(absl::StrCat(rows.empty() ? "CREATE" : "ALTER",
                                         " ROLE ", connection.Identifier(name),
                                         " ", attributes));
}

absl::Status RunAll(const postgres::Endpoint& endpoint,
                    const std::string& database,
                    const std::vector<std::string>& statements) {
  if (statements.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Connection connection,
                   Connection::Open(endpoint, database, kTimeout));
  for (const std::string& statement : statements) {
    RETURN_IF_ERROR(connection.Execute(statement));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunInitialSql(const postgres::Endpoint& endpoint,
                           const InitialSetup& setup) {
  ASSIGN_OR_RETURN(Connection connection,
                   Connection::Open(endpoint, "postgres", kTimeout));
  // First, so that replicas can begin to join.
  RETURN_IF_ERROR(
      CreateRole(connection, postgres::kReplicationRole, "LOGIN REPLICATION"));
  ASSIGN_OR_RETURN(
      std::string verifier,
      connection.EncryptPassword(setup.app_owner, setup.app_password));
  RETURN_IF_ERROR(CreateRole(
      connection, setup.app_owner,
      absl::StrCat("LOGIN PASSWORD ", connection.Literal(verifier))));
  ASSIGN_OR_RETURN(
      postgres::Rows rows,
      connection.Query("SELECT FROM pg_catalog.pg_database WHERE datname = $1",
                       {setup.app_database}));
  if (!rows.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(RunAll(endpoint, "postgres", setup.post_init_sql));
  RETURN_IF_ERROR(connection.Execute(absl::StrCat(
      "CREATE DATABASE ", connection.Identifier(setup.app_database), " OWNER ",
      connection.Identifier(setup.app_owner))));
  return RunAll(endpoint, setup.app_database, setup.post_init_application_sql);
}

}  // namespace howdah::local::controllers

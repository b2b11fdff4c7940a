#include "backend/local/controllers/database.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/local/controllers/database_plan.h"
#include "backend/local/postgres/errors.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

using postgres::Connection;

absl::StatusOr<std::optional<DatabaseState>> ReadDatabase(
    Connection& connection, const std::string& name) {
  ASSIGN_OR_RETURN(
      postgres::Rows rows,
      connection.Query(
          "SELECT r.rolname, t.spcname, d.datistemplate, d.datallowconn, "
          "d.datconnlimit FROM pg_catalog.pg_database d "
          "JOIN pg_catalog.pg_roles r ON r.oid = d.datdba "
          "JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace "
          "WHERE d.datname = $1",
          {name}));
  if (rows.empty()) return std::nullopt;
  const postgres::Row& row = rows[0];
  DatabaseState state;
  state.owner = row[0].value_or("");
  state.tablespace = row[1].value_or("");
  state.is_template = row[2] == "t";
  state.allow_connections = row[3] == "t";
  if (!absl::SimpleAtoi(row[4].value_or(""), &state.connection_limit)) {
    state.connection_limit = -1;
  }
  return state;
}

// Schemas or extensions by name.
using InnerStates = std::map<std::string, InnerState>;

absl::StatusOr<InnerStates> ReadSchemas(Connection& connection) {
  ASSIGN_OR_RETURN(
      postgres::Rows rows,
      connection.Query("SELECT n.nspname, r.rolname FROM "
                       "pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r "
                       "ON r.oid = n.nspowner"));
  InnerStates states;
  for (const postgres::Row& row : rows) {
    states[row[0].value_or("")].owner = row[1].value_or("");
  }
  return states;
}

absl::StatusOr<InnerStates> ReadExtensions(Connection& connection) {
  ASSIGN_OR_RETURN(
      postgres::Rows rows,
      connection.Query("SELECT e.extname, e.extversion, n.nspname FROM "
                       "pg_catalog.pg_extension e JOIN "
                       "pg_catalog.pg_namespace n ON n.oid = e.extnamespace"));
  InnerStates states;
  for (const postgres::Row& row : rows) {
    InnerState& state = states[row[0].value_or("")];
    state.version = row[1].value_or("");
    state.schema = row[2].value_or("");
  }
  return states;
}

using PlanInner = std::vector<std::string> (*)(const Json&,
                                               const std::optional<InnerState>&,
                                               const postgres::SqlQuoting&);

// Makes each item of a list so; the outcome of each stands in the result.
Json ApplyList(Connection& connection, const Json& items,
               const InnerStates& states, PlanInner plan, int& failures) {
  Json outcomes = Json::array();
  for (const Json& item : items) {
    const std::string name = Text(item, "name");
    std::optional<InnerState> state;
    if (auto found = states.find(name); found != states.end()) {
      state = found->second;
    }
    absl::Status status;
    for (const std::string& sql : plan(item, state, connection)) {
      status = connection.Execute(sql);
      if (!status.ok()) break;
    }
    Json outcome = {{"name", name}, {"applied", status.ok()}};
    if (!status.ok()) {
      ++failures;
      outcome["message"] = postgres::FullMessage(status);
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

bool HasItems(const Json& spec, const char* list) {
  auto it = spec.find(list);
  return it != spec.end() && it->is_array() && !it->empty();
}

absl::Status ApplyInner(const Primary& primary, const Json& spec,
                        Json& status) {
  const bool schemas = HasItems(spec, "schemas");
  const bool extensions = HasItems(spec, "extensions");
  if (HasItems(spec, "fdws") || HasItems(spec, "servers")) {
    return absl::UnimplementedError(
        "foreign data wrappers and servers are not supported by the local "
        "plane");
  }
  if (!schemas && !extensions) return absl::OkStatus();
  ASSIGN_OR_RETURN(Connection connection, primary.Connect(Text(spec, "name")));
  int failures = 0;
  if (schemas) {
    ASSIGN_OR_RETURN(InnerStates states, ReadSchemas(connection));
    status["schemas"] =
        ApplyList(connection, spec["schemas"], states, PlanSchema, failures);
  }
  if (extensions) {
    ASSIGN_OR_RETURN(InnerStates states, ReadExtensions(connection));
    status["extensions"] = ApplyList(connection, spec["extensions"], states,
                                     PlanExtension, failures);
  }
  if (failures == 0) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat(failures, " schemas or extensions could not be applied"));
}

absl::Status Apply(const Primary& primary, const Json& object, Json& status) {
  const Json& spec = Child(object, "spec");
  {
    ASSIGN_OR_RETURN(Connection connection, primary.Connect("postgres"));
    ASSIGN_OR_RETURN(std::optional<DatabaseState> state,
                     ReadDatabase(connection, Text(spec, "name")));
    for (const std::string& sql : PlanDatabase(spec, state, connection)) {
      RETURN_IF_ERROR(connection.Execute(sql));
    }
  }
  if (Text(spec, "ensure") == "absent") return absl::OkStatus();
  return ApplyInner(primary, spec, status);
}

absl::Status Drop(const Primary& primary, const Json& object) {
  ASSIGN_OR_RETURN(Connection connection, primary.Connect("postgres"));
  return connection.Execute(
      absl::StrCat("DROP DATABASE IF EXISTS ",
                   connection.Identifier(Text(Child(object, "spec"), "name"))));
}

}  // namespace

AppliedKind DatabaseKind() {
  AppliedKind kind;
  kind.type = kDatabases;
  kind.kind = "Database";
  kind.finalizer = "cnpg.io/deleteDatabase";
  kind.policy = "databaseReclaimPolicy";
  kind.apply = Apply;
  kind.drop = Drop;
  kind.is_stale = [](const Json&) { return false; };
  kind.conflict = [](const Json&, const Json&) { return std::string(); };
  return kind;
}

}  // namespace howdah::local::controllers

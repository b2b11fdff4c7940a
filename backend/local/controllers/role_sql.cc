#include "backend/local/controllers/role_sql.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/local/controllers/cluster_objects.h"
#include "backend/local/postgres/errors.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

// Group names as JSON: they may contain anything.
constexpr char kRolesSql[] = R"sql(
SELECT r.rolname, r.rolcanlogin, r.rolsuper, r.rolinherit, r.rolcreatedb,
  r.rolcreaterole, r.rolreplication, r.rolbypassrls, r.rolconnlimit,
  CASE WHEN r.rolvaliduntil IS NULL OR r.rolvaliduntil = 'infinity' THEN ''
    ELSE pg_catalog.to_char(r.rolvaliduntil AT TIME ZONE 'UTC',
                            'YYYY-MM-DD"T"HH24:MI:SS"Z"') END,
  coalesce(pg_catalog.shobj_description(r.oid, 'pg_authid'), ''),
  r.rolpassword IS NOT NULL, r.xmin,
  coalesce((SELECT pg_catalog.json_agg(DISTINCT g.rolname)
            FROM pg_catalog.pg_auth_members m
            JOIN pg_catalog.pg_authid g ON g.oid = m.roleid
            WHERE m.member = r.oid), '[]')
FROM pg_catalog.pg_authid r
WHERE r.rolname NOT LIKE 'pg\_%'
)sql";

}  // namespace

absl::StatusOr<RoleStates> ReadRoles(postgres::Connection& connection) {
  ASSIGN_OR_RETURN(postgres::Rows rows, connection.Query(kRolesSql));
  RoleStates states;
  for (const postgres::Row& row : rows) {
    auto flag = [&](int column) { return row[column] == "t"; };
    RoleState state;
    state.attributes.login = flag(1);
    state.attributes.superuser = flag(2);
    state.attributes.inherit = flag(3);
    state.attributes.createdb = flag(4);
    state.attributes.createrole = flag(5);
    state.attributes.replication = flag(6);
    state.attributes.bypassrls = flag(7);
    if (!absl::SimpleAtoi(row[8].value_or(""),
                          &state.attributes.connection_limit)) {
      state.attributes.connection_limit = -1;
    }
    state.attributes.valid_until = row[9].value_or("");
    state.comment = row[10].value_or("");
    state.has_password = flag(11);
    state.transaction_id = row[12].value_or("");
    Json groups = Json::parse(row[13].value_or("[]"), nullptr,
                              /*allow_exceptions=*/false);
    if (groups.is_array()) {
      for (const Json& group : groups) {
        if (group.is_string()) state.in_roles.insert(group.get<std::string>());
      }
    }
    states[row[0].value_or("")] = std::move(state);
  }
  return states;
}

absl::Status ApplyRoleChange(postgres::Connection& connection,
                             const std::string& role,
                             const RoleChange& change) {
  RETURN_IF_ERROR(connection.Execute("BEGIN"));
  absl::Status status;
  for (const std::string& statement : change.statements) {
    status = connection.Execute(statement);
    if (!status.ok()) break;
  }
  if (status.ok()) return connection.Execute("COMMIT");
  connection.Execute("ROLLBACK").IgnoreError();
  return absl::Status(
      status.code(),
      absl::StrCat("could not perform ", change.action, " on role ", role, ": ",
                   postgres::FullMessage(status)));
}

absl::StatusOr<std::optional<RolePassword>> ReadPassword(
    ObjectStore& store, const std::string& namespace_name, const RoleSpec& role,
    postgres::Connection& connection) {
  if (role.password_secret.empty() || !role.present) return std::nullopt;
  absl::StatusOr<Json> secret =
      store.Get(kSecrets, namespace_name, role.password_secret);
  if (absl::IsNotFound(secret.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("secret ", role.password_secret,
                     " for the password of "
                     "role ",
                     role.name, " does not exist"));
  }
  RETURN_IF_ERROR(secret.status());
  if (SecretValue(*secret, "username") != role.name) {
    return absl::FailedPreconditionError(
        absl::StrCat("the username in secret ", role.password_secret,
                     " does not match role ", role.name));
  }
  const std::string password = SecretValue(*secret, "password");
  if (password.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("secret ", role.password_secret, " has no password"));
  }
  RolePassword result;
  result.resource_version = Text(Metadata(*secret), "resourceVersion");
  if (IsEncrypted(password)) {
    result.verifier = password;
  } else {
    ASSIGN_OR_RETURN(result.verifier,
                     connection.EncryptPassword(role.name, password));
  }
  return std::optional<RolePassword>(std::move(result));
}

}  // namespace howdah::local::controllers

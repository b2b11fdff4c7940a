#include "backend/local/controllers/role_plan.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "backend/local/controllers/cluster_objects.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

std::string OptionsOf(const RoleAttributes& wanted) {
  auto option = [](bool on, absl::string_view name) {
    return absl::StrCat(on ? " " : " NO", name);
  };
  return absl::StrCat(
      option(wanted.login, "LOGIN"), option(wanted.superuser, "SUPERUSER"),
      option(wanted.inherit, "INHERIT"), option(wanted.createdb, "CREATEDB"),
      option(wanted.createrole, "CREATEROLE"),
      option(wanted.replication, "REPLICATION"),
      option(wanted.bypassrls, "BYPASSRLS"), " CONNECTION LIMIT ",
      wanted.connection_limit);
}

}  // namespace

absl::StatusOr<RoleSpec> ParseRole(const Json& spec) {
  RoleSpec role;
  role.name = Text(spec, "name");
  role.present = Text(spec, "ensure") != "absent";
  RoleAttributes& attributes = role.attributes;
  attributes.login = Flag(spec, "login", false);
  attributes.superuser = Flag(spec, "superuser", false);
  attributes.inherit = Flag(spec, "inherit", true);
  attributes.createdb = Flag(spec, "createdb", false);
  attributes.createrole = Flag(spec, "createrole", false);
  attributes.replication = Flag(spec, "replication", false);
  attributes.bypassrls = Flag(spec, "bypassrls", false);
  attributes.connection_limit = Number(spec, "connectionLimit", -1);
  if (std::string text = Text(spec, "validUntil"); !text.empty()) {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
      return absl::InvalidArgumentError(
          absl::StrCat("validUntil of role ", role.name, ": ", error));
    }
    attributes.valid_until = TimeText(time);
  }
  if (auto roles = spec.find("inRoles");
      roles != spec.end() && roles->is_array()) {
    for (const Json& name : *roles) {
      if (name.is_string()) role.in_roles.insert(name.get<std::string>());
    }
  }
  role.comment = Text(spec, "comment");
  role.password_secret = Text(Child(spec, "passwordSecret"), "name");
  role.disable_password = Flag(spec, "disablePassword", false);
  return role;
}

std::vector<RoleChange> PlanRole(const RoleSpec& spec,
                                 const std::optional<RoleState>& state,
                                 const std::optional<std::string>& verifier,
                                 const postgres::SqlQuoting& quote) {
  std::vector<RoleChange> changes;
  const std::string name = quote.Identifier(spec.name);
  if (!spec.present) {
    if (state.has_value()) {
      changes.push_back({"DELETE", {absl::StrCat("DROP ROLE ", name)}});
    }
    return changes;
  }
  std::string options;
  const RoleAttributes before =
      state.has_value() ? state->attributes : RoleAttributes();
  if (!state.has_value() || before != spec.attributes) {
    options = OptionsOf(spec.attributes);
  }
  if (before.valid_until != spec.attributes.valid_until) {
    absl::StrAppend(&options, " VALID UNTIL ",
                    quote.Literal(spec.attributes.valid_until.empty()
                                      ? "infinity"
                                      : spec.attributes.valid_until));
  }
  if (verifier.has_value()) {
    absl::StrAppend(&options, " PASSWORD ", quote.Literal(*verifier));
  } else if (spec.disable_password && state.has_value() &&
             state->has_password) {
    absl::StrAppend(&options, " PASSWORD NULL");
  }
  if (!options.empty()) {
    changes.push_back({state.has_value() ? "UPDATE" : "CREATE",
                       {absl::StrCat(state.has_value() ? "ALTER" : "CREATE",
                                     " ROLE ", name, options)}});
  }
  if ((state.has_value() ? state->comment : "") != spec.comment) {
    changes.push_back(
        {"UPDATE_COMMENT",
         {absl::StrCat(
             "COMMENT ON ROLE ", name, " IS ",
             spec.comment.empty() ? "NULL" : quote.Literal(spec.comment))}});
  }
  return changes;
}

std::optional<RoleChange> PlanMemberships(const RoleSpec& spec,
                                          const std::set<std::string>& now,
                                          const postgres::SqlQuoting& quote) {
  if (!spec.present || now == spec.in_roles) return std::nullopt;
  RoleChange change{"UPDATE_MEMBERSHIPS", {}};
  const std::string name = quote.Identifier(spec.name);
  for (const std::string& group : spec.in_roles) {
    if (now.count(group) > 0) continue;
    change.statements.push_back(
        absl::StrCat("GRANT ", quote.Identifier(group), " TO ", name));
  }
  for (const std::string& group : now) {
    if (spec.in_roles.count(group) > 0) continue;
    change.statements.push_back(
        absl::StrCat("REVOKE ", quote.Identifier(group), " FROM ", name));
  }
  return change;
}

bool IsEncrypted(absl::string_view password) {
  if (absl::StartsWith(password, "SCRAM-SHA-256$")) return true;
  return absl::ConsumePrefix(&password, "md5") && password.size() == 32 &&
         std::all_of(password.begin(), password.end(), absl::ascii_isxdigit);
}

bool IsReserved(absl::string_view role) {
  return role == "postgres" || role == "streaming_replica" ||
         absl::StartsWith(role, "pg_") || absl::StartsWith(role, "cnpg_");
}

}  // namespace howdah::local::controllers

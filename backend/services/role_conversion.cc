#include "backend/services/role_conversion.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "backend/cnpg/names.h"
#include "backend/services/timestamp_conversion.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;

pb::Role::State StateProto(cnpg::RoleState state) {
  switch (state) {
    case cnpg::RoleState::kPending:
      return pb::Role::STATE_PENDING;
    case cnpg::RoleState::kReconciled:
      return pb::Role::STATE_RECONCILED;
    case cnpg::RoleState::kFailed:
      return pb::Role::STATE_FAILED;
    case cnpg::RoleState::kDeleting:
      return pb::Role::STATE_DELETING;
  }
  return pb::Role::STATE_UNSPECIFIED;
}

}  // namespace

pb::Role ToProto(const LocatedRole& located) {
  const cnpg::ManagedRole& role = located.role;
  const cnpg::RoleAttributes& attributes = role.attributes;
  pb::Role proto;
  proto.set_name(role.name);
  proto.set_login(attributes.login);
  proto.set_superuser(attributes.superuser);
  proto.set_inherit(attributes.inherit);
  proto.set_createdb(attributes.createdb);
  proto.set_createrole(attributes.createrole);
  proto.set_replication(attributes.replication);
  proto.set_bypassrls(attributes.bypassrls);
  proto.set_connection_limit(attributes.connection_limit);
  proto.set_comment(attributes.comment);
  for (const std::string& group : attributes.in_roles) {
    proto.add_in_roles(group);
  }
  absl::Time valid_until;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, attributes.valid_until, &valid_until,
                      &error)) {
    SetTimestamp(valid_until, proto.mutable_valid_until());
  }
  proto.set_state(StateProto(role.state));
  proto.set_message(role.message);
  proto.set_password_secret(role.password_secret);
  proto.set_source(located.is_inline() ? pb::Role::SOURCE_INLINE
                                       : pb::Role::SOURCE_DATABASE_ROLE);
  proto.set_etag(EtagOf(located));
  return proto;
}

std::string EtagOf(const LocatedRole& located) {
  const cnpg::ManagedRole& role = located.role;
  const cnpg::RoleAttributes& a = role.attributes;
  return cnpg::Digest(absl::StrCat(
      located.is_inline() ? "inline" : located.object->meta.uid, "\n",
      role.name, "\n", role.absent, a.login, a.superuser, a.inherit, a.createdb,
      a.createrole, a.replication, a.bypassrls, "\n", a.connection_limit, "\n",
      absl::StrJoin(a.in_roles, "\n"), "\n", a.comment, "\n", a.valid_until,
      "\n", role.password_secret));
}

cnpg::RoleAttributes AttributesOf(const pb::CreateRoleRequest& request) {
  cnpg::RoleAttributes attributes;
  attributes.login = !request.has_login() || request.login();
  attributes.superuser = request.superuser();
  attributes.inherit = !request.has_inherit() || request.inherit();
  attributes.createdb = request.createdb();
  attributes.createrole = request.createrole();
  attributes.replication = request.replication();
  return attributes;
}

cnpg::RoleChanges ChangesOf(const pb::UpdateRoleRequest& request) {
  cnpg::RoleChanges changes;
  if (request.has_login()) changes.login = request.login();
  if (request.has_superuser()) changes.superuser = request.superuser();
  if (request.has_inherit()) changes.inherit = request.inherit();
  if (request.has_createdb()) changes.createdb = request.createdb();
  if (request.has_createrole()) changes.createrole = request.createrole();
  if (request.has_replication()) changes.replication = request.replication();
  return changes;
}

std::string DifferenceOf(const cnpg::RoleAttributes& have,
                         const cnpg::RoleAttributes& want) {
  std::string difference;
  auto compare = [&](absl::string_view name, bool has, bool wants) {
    if (has == wants) return;
    absl::StrAppend(&difference, difference.empty() ? "" : ", ", name, ": ",
                    has ? "true" : "false", " instead of ",
                    wants ? "true" : "false");
  };
  compare("login", have.login, want.login);
  compare("superuser", have.superuser, want.superuser);
  compare("inherit", have.inherit, want.inherit);
  compare("createdb", have.createdb, want.createdb);
  compare("createrole", have.createrole, want.createrole);
  compare("replication", have.replication, want.replication);
  return difference;
}

}  // namespace howdah::services

#include "backend/cnpg/role_reader.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/cnpg/meta_reader.h"
#include "proto/support/status_macros.h"

namespace howdah::cnpg {
namespace {

using json::Boolean;
using json::Element;
using json::Integer;
using json::Member;
using json::Text;
using json::Texts;

ManagedRole* FindRole(std::vector<ManagedRole>& roles, absl::string_view name) {
  for (ManagedRole& role : roles) {
    if (role.name == name) return &role;
  }
  return nullptr;
}

void ReadByStatus(std::optional<Element> by_status,
                  std::vector<ManagedRole>& roles) {
  json::ForEachMember(by_status, [&](absl::string_view status, Element names) {
    json::ForEach(names, [&](Element name) {
      ManagedRole* role = FindRole(roles, Text(name));
      if (role == nullptr) return;
      if (status == "reconciled") role->state = RoleState::kReconciled;
      if (status == "pending-reconciliation") role->listed_pending = true;
      if (status == "reserved") {
        role->state = RoleState::kFailed;
        role->message = "The name is reserved by the operator.";
      }
    });
  });
}

void ReadFailures(std::optional<Element> failures,
                  std::vector<ManagedRole>& roles) {
  json::ForEachMember(failures, [&](absl::string_view name, Element messages) {
    ManagedRole* role = FindRole(roles, name);
    if (role == nullptr) return;
    role->state = RoleState::kFailed;
    role->message.clear();
    json::ForEach(messages, [&](Element message) {
      absl::StrAppend(&role->message, role->message.empty() ? "" : "; ",
                      Text(message));
    });
  });
}

}  // namespace

ManagedRole ReadRoleSpec(Element spec) {
  ManagedRole role;
  role.name = Text(Member(spec, "name"));
  RoleAttributes& attributes = role.attributes;
  attributes.login = Boolean(Member(spec, "login"));
  attributes.superuser = Boolean(Member(spec, "superuser"));
  attributes.inherit = Boolean(Member(spec, "inherit"), true);
  attributes.createdb = Boolean(Member(spec, "createdb"));
  attributes.createrole = Boolean(Member(spec, "createrole"));
  attributes.replication = Boolean(Member(spec, "replication"));
  attributes.bypassrls = Boolean(Member(spec, "bypassrls"));
  attributes.connection_limit =
      static_cast<int32_t>(Integer(Member(spec, "connectionLimit"), -1));
  attributes.in_roles = Texts(Member(spec, "inRoles"));
  attributes.comment = Text(Member(spec, "comment"));
  attributes.valid_until = Text(Member(spec, "validUntil"));
  role.absent = Text(Member(spec, "ensure")) == "absent";
  role.password_secret = Text(json::Path(spec, "passwordSecret", "name"));
  return role;
}

std::vector<ManagedRole> ReadInlineRoles(Element cluster) {
  std::vector<ManagedRole> roles;
  json::ForEach(json::Path(cluster, "spec", "managed", "roles"),
                [&](Element entry) { roles.push_back(ReadRoleSpec(entry)); });
  if (roles.empty()) return roles;
  std::optional<Element> status =
      json::Path(cluster, "status", "managedRolesStatus");
  ReadByStatus(Member(status, "byStatus"), roles);
  ReadFailures(Member(status, "cannotReconcile"), roles);
  json::ForEachMember(Member(status, "passwordStatus"),
                      [&](absl::string_view name, Element password) {
                        if (ManagedRole* role = FindRole(roles, name)) {
                          role->applied_password_version =
                              Text(Member(password, "resourceVersion"));
                          role->applied_transaction =
                              Integer(Member(password, "transactionID"));
                        }
                      });
  for (ManagedRole& role : roles) {
    if (role.listed_pending && role.state == RoleState::kReconciled) {
      role.state = RoleState::kPending;
    }
    if (role.absent && role.state == RoleState::kPending) {
      role.state = RoleState::kDeleting;
    }
  }
  return roles;
}

absl::StatusOr<DatabaseRole> ReadDatabaseRole(absl::string_view text) {
  ASSIGN_OR_RETURN(Element root, json::Parse(text));
  DatabaseRole result;
  ASSIGN_OR_RETURN(result.meta, ReadMeta(root));
  std::optional<Element> spec = Member(root, "spec");
  std::optional<Element> status = Member(root, "status");
  if (spec) result.role = ReadRoleSpec(*spec);
  result.cluster_name = Text(json::Path(root, "spec", "cluster", "name"));
  result.drop_on_delete =
      Text(Member(spec, "databaseRoleReclaimPolicy")) == "delete";
  // `applied` is null for a replica cluster: then nothing is known.
  std::optional<Element> applied = Member(status, "applied");
  std::string message = Text(Member(status, "message"));
  bool current =
      Integer(Member(status, "observedGeneration")) == result.meta.generation;
  if (applied && Boolean(applied) && current) {
    result.observed = true;
    result.role.state = RoleState::kReconciled;
  } else if (applied && applied->is_bool() && !Boolean(applied)) {
    result.observed = true;
    result.role.state = RoleState::kFailed;
    result.role.message = message;
  }
  result.role.applied_password_version =
      Text(Member(status, "secretResourceVersion"));
  if (result.meta.deleting) {
    result.role.message = std::move(message);
    result.role.state = RoleState::kDeleting;
  }
  return result;
}

}  // namespace howdah::cnpg

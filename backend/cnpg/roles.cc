#include "backend/cnpg/roles.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/cnpg/cluster_spec.h"
#include "nlohmann/json.hpp"

namespace howdah::cnpg {
namespace {

using Json = nlohmann::json;

constexpr absl::string_view kEnsure = "ensure";

struct Flag {
  const char* key;
  std::optional<bool> RoleChanges::*change;
  bool RoleAttributes::*value;
};

constexpr Flag kFlags[] = {
    {"login", &RoleChanges::login, &RoleAttributes::login},
    {"superuser", &RoleChanges::superuser, &RoleAttributes::superuser},
    {"inherit", &RoleChanges::inherit, &RoleAttributes::inherit},
    {"createdb", &RoleChanges::createdb, &RoleAttributes::createdb},
    {"createrole", &RoleChanges::createrole, &RoleAttributes::createrole},
    {"replication", &RoleChanges::replication, &RoleAttributes::replication},
};

void PutFlags(const RoleAttributes& attributes, Json& entry) {
  for (const Flag& flag : kFlags) entry[flag.key] = attributes.*flag.value;
}

void PutPasswordSecret(absl::string_view secret, Json& entry) {
  if (secret.empty()) return;
  entry["passwordSecret"] = {{"name", std::string(secret)}};
  entry.erase("disablePassword");
}

bool IsAbsent(const Json& entry) {
  return entry.value("ensure", "") == "absent";
}

void EditEntry(const RoleEdit& edit, const RoleChanges& changes, Json& entry) {
  entry["name"] = edit.name;
  switch (edit.kind) {
    case RoleEdit::Kind::kPut:
      entry[std::string(kEnsure)] = "present";
      PutFlags(edit.attributes, entry);
      PutPasswordSecret(edit.password_secret, entry);
      break;
    case RoleEdit::Kind::kUpdate:
      for (const Flag& flag : kFlags) {
        if (changes.*flag.change) entry[flag.key] = *(changes.*flag.change);
      }
      PutPasswordSecret(edit.password_secret, entry);
      break;
    case RoleEdit::Kind::kEnsureAbsent:
      entry[std::string(kEnsure)] = "absent";
      // The operator stops reconciling all roles when a Secret is missing.
      entry.erase("passwordSecret");
      entry.erase("disablePassword");
      break;
    case RoleEdit::Kind::kRemoveAbsent:
      break;
  }
}

absl::string_view Word(bool value) { return value ? "true" : "false"; }

}  // namespace

Json EditRoles(const Json& cluster, const RoleEdit& edit,
               const RoleChanges& changes) {
  static const Json::json_pointer kRoles("/spec/managed/roles");
  Json roles = Json::array();
  if (cluster.contains(kRoles) && cluster.at(kRoles).is_array()) {
    roles = cluster.at(kRoles);
  }
  for (size_t i = 0; i < roles.size(); ++i) {
    if (!roles[i].is_object() || roles[i].value("name", "") != edit.name) {
      continue;
    }
    if (edit.kind == RoleEdit::Kind::kRemoveAbsent) {
      if (IsAbsent(roles[i])) roles.erase(i);
      return roles;
    }
    EditEntry(edit, changes, roles[i]);
    return roles;
  }
  if (edit.kind == RoleEdit::Kind::kPut) {
    Json entry = Json::object();
    EditEntry(edit, changes, entry);
    roles.push_back(std::move(entry));
  }
  return roles;
}

std::vector<std::string> ApplyChanges(const RoleChanges& changes,
                                      RoleAttributes& attributes) {
  std::vector<std::string> lines;
  for (const Flag& flag : kFlags) {
    const std::optional<bool>& change = changes.*flag.change;
    bool& value = attributes.*flag.value;
    if (!change || *change == value) continue;
    lines.push_back(
        absl::StrCat(flag.key, ": ", Word(value), " -> ", Word(*change)));
    value = *change;
  }
  return lines;
}

Json DatabaseRoleSpecPatch(const RoleChanges& changes) {
  Json spec = Json::object();
  for (const Flag& flag : kFlags) {
    if (changes.*flag.change) spec[flag.key] = *(changes.*flag.change);
  }
  return spec;
}

Json DatabaseRoleManifest(absl::string_view namespace_name,
                          absl::string_view object_name,
                          absl::string_view cluster_name,
                          absl::string_view role_name,
                          const RoleAttributes& attributes,
                          absl::string_view password_secret) {
  Json spec = {{"cluster", {{"name", std::string(cluster_name)}}},
               {"name", std::string(role_name)},
               {"databaseRoleReclaimPolicy", "retain"}};
  PutFlags(attributes, spec);
  PutPasswordSecret(password_secret, spec);
  return {
      {"apiVersion", std::string(kApiVersion)},
      {"kind", "DatabaseRole"},
      {"metadata",
       {{"name", std::string(object_name)},
        {"namespace", std::string(namespace_name)},
        {"labels",
         {{std::string(kManagedByLabel), std::string(kManagedByValue)}}}}},
      {"spec", std::move(spec)},
  };
}

std::vector<std::string> ElevationWarnings(absl::string_view role_name,
                                           const RoleAttributes& attributes) {
  std::vector<std::string> warnings;
  if (attributes.superuser) {
    warnings.push_back(absl::StrCat("Role \"", role_name,
                                    "\" is a superuser: it bypasses all "
                                    "permission checks."));
  }
  if (attributes.replication) {
    warnings.push_back(absl::StrCat("Role \"", role_name,
                                    "\" may stream replication: it can copy "
                                    "all data of the cluster."));
  }
  if (attributes.bypassrls) {
    warnings.push_back(
        absl::StrCat("Role \"", role_name, "\" bypasses row-level security."));
  }
  return warnings;
}

}  // namespace howdah::cnpg

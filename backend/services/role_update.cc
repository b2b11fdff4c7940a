// UpdateRole.
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/cnpg/errors.h"
#include "backend/services/resource_patch.h"
#include "backend/services/role_conversion.h"
#include "backend/services/role_service.h"
#include "backend/services/role_target.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;
using cnpg::RoleState;
using kubernetes::kDatabaseRoles;
using kubernetes::ObjectKey;

std::string ClusterText(const ObjectKey& key) {
  return absl::StrCat("cluster ", key.namespace_name, "/", key.name);
}

absl::Status CheckEtag(absl::string_view etag, const LocatedRole& located) {
  if (etag.empty() || etag == EtagOf(located)) return absl::OkStatus();
  return cnpg::EtagMismatch("Role", located.role.name);
}

bool IsConflict(const absl::Status& status) {
  return support::ErrorReason(status) == "CONFLICT";
}

std::string UpdateSummary(const ObjectKey& cluster, const LocatedRole& role,
                          const std::vector<std::string>& changes,
                          bool confirmed) {
  std::string what = absl::StrJoin(changes, ", ");
  if (confirmed) {
    return absl::StrCat("Role \"", role.role.name, "\" of ",
                        ClusterText(cluster), " is changed: ", what, ".");
  }
  return absl::StrCat("The change of role \"", role.role.name, "\" of ",
                      ClusterText(cluster), " is declared (", what,
                      "); the operator has not confirmed it yet, "
                      "list_postgres_roles shows its state.");
}

}  // namespace

void RoleService::UpdateRole(const CallContext& context,
                             const pb::UpdateRoleRequest& request,
                             Reply<pb::UpdateRoleResponse> reply) {
  Conclude(waiter_, context, BeginUpdate(context, request), std::move(reply));
}

absl::StatusOr<Settling<pb::UpdateRoleResponse>> RoleService::BeginUpdate(
    const CallContext& context, const pb::UpdateRoleRequest& request) {
  ASSIGN_OR_RETURN(Target target, FindTarget(context, request));
  ASSIGN_OR_RETURN(
      std::optional<LocatedRole> existing,
      LocateRole(*target.plane, *target.cluster, target.role, target.call));
  if (!existing || existing->role.absent) {
    return cnpg::RoleNotFound(target.cluster_key.name, target.role);
  }
  RETURN_IF_ERROR(CheckEtag(request.etag(), *existing));

  cnpg::RoleChanges changes = ChangesOf(request);
  LocatedRole wanted = *existing;
  std::vector<std::string> lines =
      cnpg::ApplyChanges(changes, wanted.role.attributes);
  if (request.has_password()) lines.push_back("password: changed");

  pb::UpdateRoleResponse response;
  response.set_dry_run(request.dry_run());
  for (const std::string& line : lines) response.add_changes(line);
  for (std::string& warning :
       cnpg::ElevationWarnings(target.role, wanted.role.attributes)) {
    response.add_warnings(std::move(warning));
  }
  if (lines.empty()) {
    response.set_summary(absl::StrCat(
        "Role \"", target.role, "\" of ", ClusterText(target.cluster_key),
        " has these attributes already; nothing was changed."));
    *response.mutable_role() = ToProto(*existing);
    return response;
  }

  auto recording = std::make_shared<ClusterRecording>(
      target.plane->clusters().cache(), target.cluster_key);
  RoleSecret secret;
  if (request.has_password()) {
    ASSIGN_OR_RETURN(secret, WritePassword(target, *existing, request));
  }
  ASSIGN_OR_RETURN(
      LocatedRole declared,
      WriteChanges(target, *existing, changes, secret.key.name, request));
  if (request.dry_run()) {
    response.set_summary(
        absl::StrCat("Dry run: role \"", target.role, "\" of ",
                     ClusterText(target.cluster_key), " would be changed: ",
                     absl::StrJoin(lines, ", "), ". Nothing was changed."));
    *response.mutable_role() = ToProto(wanted);
    return response;
  }
  return Then<pb::UpdateRoleResponse, Settled>(
      Settle(target, recording, declared, secret.resource_version,
             existing->role.state == RoleState::kReconciled),
      [response, lines,
       cluster = target.cluster_key](const Settled& settled) mutable
      -> absl::StatusOr<pb::UpdateRoleResponse> {
        response.set_summary(
            UpdateSummary(cluster, settled.role, lines, settled.confirmed));
        *response.mutable_role() = ToProto(settled.role);
        return std::move(response);
      });
}

absl::StatusOr<RoleSecret> RoleService::WritePassword(
    const Target& target, const LocatedRole& existing,
    const pb::UpdateRoleRequest& request) {
  RoleSecret secret;
  bool make = existing.role.password_secret.empty();
  if (!make) {
    absl::StatusOr<RoleSecret> present = GetSecret(
        *target.plane,
        {target.cluster_key.namespace_name, existing.role.password_secret},
        target.call);
    if (!present.ok() && !absl::IsNotFound(present.status())) {
      return present.status();
    }
    make = !present.ok();
    if (present.ok()) secret = *std::move(present);
    if (!make && (!secret.ours || secret.role != target.role)) {
      return cnpg::SecretNotOurs(target.role, secret.key.name);
    }
  }
  if (make) {
    ASSIGN_OR_RETURN(secret, EnsureSecret(*target.plane, target.secret_owner(),
                                          options_.random, "", "",
                                          request.dry_run(), target.call));
    // A Secret that a dry run did not make cannot be changed either.
    if (request.dry_run()) return secret;
  }
  return SetPassword(*target.plane, secret, request.password(),
                     request.dry_run(), target.call);
}

absl::StatusOr<LocatedRole> RoleService::WriteChanges(
    const Target& target, const LocatedRole& existing,
    const cnpg::RoleChanges& changes, const std::string& secret,
    const pb::UpdateRoleRequest& request) {
  if (existing.is_inline()) {
    cnpg::RoleEdit edit;
    edit.kind = cnpg::RoleEdit::Kind::kUpdate;
    edit.name = target.role;
    edit.password_secret = secret;
    auto guard = [&](const cnpg::Cluster& now) -> absl::Status {
      const cnpg::ManagedRole* role = FindInline(now, target.role);
      if (role == nullptr || role->absent) {
        return cnpg::RoleNotFound(target.cluster_key.name, target.role);
      }
      return CheckEtag(request.etag(), {*role});
    };
    ASSIGN_OR_RETURN(
        cnpg::Cluster after,
        inline_roles_.Apply(*target.plane, target.cluster_key, edit, changes,
                            guard, request.dry_run(), target.call));
    const cnpg::ManagedRole* role = FindInline(after, target.role);
    if (role == nullptr) {
      return cnpg::RoleNotFound(target.cluster_key.name, target.role);
    }
    return LocatedRole{*role, nullptr, after.meta.resource_version};
  }

  nlohmann::json spec = cnpg::DatabaseRoleSpecPatch(changes);
  if (!secret.empty()) {
    spec["passwordSecret"] = {{"name", secret}};
    // Both together are refused by the schema.
    spec["disablePassword"] = nullptr;
  }
  nlohmann::json patch = {{"spec", std::move(spec)}};
  KeepRequestId(patch, request.request_id());
  // With an etag, only the declaration that was read may be changed.
  if (!request.etag().empty()) {
    OnlyAtVersion(patch, existing.object->meta.resource_version);
  }
  ObjectKey key{existing.object->meta.namespace_name,
                existing.object->meta.name};
  absl::StatusOr<kubernetes::Written> written = target.plane->api().Patch(
      kDatabaseRoles, key, kubernetes::PatchType::kMerge, patch,
      {.dry_run = request.dry_run()}, target.call);
  if (IsConflict(written.status()) && !request.etag().empty()) {
    return cnpg::EtagMismatch("Role", target.role);
  }
  if (!written.ok()) return written.status();
  ASSIGN_OR_RETURN(cnpg::DatabaseRole after,
                   cnpg::ReadDatabaseRole(JsonText(written->object)));
  if (!request.dry_run()) {
    target.plane->ledger().Wrote(kDatabaseRoles.plural, key,
                                 after.meta.resource_version);
  }
  auto object = std::make_shared<const cnpg::DatabaseRole>(std::move(after));
  return LocatedRole{object->role, object, object->meta.resource_version};
}

}  // namespace howdah::services

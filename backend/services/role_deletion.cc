// DeleteRole.
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
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

// What the operator has been seen to do about an inline role that is to go.
//
// It lists an absent role as reconciled both before it has seen that the role
// is to go and after the role is gone. What tells them apart is that it lists
// the role as pending in between, or forgets its password. Taking the entry off
// the list before that would leave the role in PostgreSQL for ever.
struct SeenDropping {
  explicit SeenDropping(const cnpg::ManagedRole& before)
      : before(before), now(before) {}

  bool IsConclusive(const cnpg::Cluster& cluster, const std::string& name) {
    const cnpg::ManagedRole* role = FindInline(cluster, name);
    if (role == nullptr) return gone = true;
    now = *role;
    if (now.state == RoleState::kFailed) {
      return before.state != RoleState::kFailed ||
             now.message != before.message;
    }
    if (now.state == RoleState::kDeleting) pending = true;
    bool forgotten = !before.applied_password_version.empty() &&
                     now.applied_password_version.empty();
    return gone = (pending || forgotten) && now.state == RoleState::kReconciled;
  }

  // An earlier call declared it absent, and for all of a wait the operator had
  // nothing to do with it.
  bool WasLongGone() const {
    return before.absent && !pending && now.state == RoleState::kReconciled;
  }

  const cnpg::ManagedRole before;
  cnpg::ManagedRole now;
  bool pending = false;
  bool gone = false;
};

bool IsConflict(const absl::Status& status) {
  return support::ErrorReason(status) == "CONFLICT";
}

}  // namespace

void RoleService::DeleteRole(const CallContext& context,
                             const pb::DeleteRoleRequest& request,
                             Reply<pb::DeleteRoleResponse> reply) {
  Conclude(waiter_, context, BeginDelete(context, request), std::move(reply));
}

absl::StatusOr<Settling<pb::DeleteRoleResponse>> RoleService::BeginDelete(
    const CallContext& context, const pb::DeleteRoleRequest& request) {
  ASSIGN_OR_RETURN(Target target, FindTarget(context, request));
  ASSIGN_OR_RETURN(
      std::optional<LocatedRole> existing,
      LocateRole(*target.plane, *target.cluster, target.role, target.call));
  if (!existing) {
    ASSIGN_OR_RETURN(pb::DeleteRoleResponse answer,
                     DeleteLeftoverSecret(target, request));
    return answer;
  }
  RETURN_IF_ERROR(CheckEtag(request.etag(), *existing));

  // Only Secrets that are ours and this very role's go with it.
  ASSIGN_OR_RETURN(
      std::vector<RoleSecret> secrets,
      ListOurSecrets(*target.plane, target.cluster_key, target.call));
  std::erase_if(secrets, [&](const RoleSecret& secret) {
    return secret.role != target.role;
  });
  std::vector<std::string> losses = {
      absl::StrCat("role \"", target.role, "\" of ",
                   ClusterText(target.cluster_key), " with its privileges")};
  if (!secrets.empty()) {
    losses.push_back(
        absl::StrCat("Secret \"", secrets[0].key.name, "\" with its password"));
  }
  pb::DeleteRoleResponse response;
  response.set_role_name(target.role);
  for (const std::string& loss : losses) response.add_losses(loss);
  if (!request.dry_run() && !request.confirm_deletion()) {
    return cnpg::ConfirmationRequired(
        absl::StrCat("role \"", target.role, "\""), losses);
  }
  absl::StatusOr<Settling<bool>> dropped =
      existing->is_inline() ? DropInline(target, *existing, request)
                            : DropObject(target, *existing, request);
  if (request.dry_run()) {
    RETURN_IF_ERROR(dropped.status());
    response.set_dry_run(true);
    response.set_secret_deleted(!secrets.empty());
    response.set_summary(absl::StrCat(
        "Dry run: role \"", target.role, "\" would be dropped from ",
        ClusterText(target.cluster_key),
        " with confirm_deletion=true. Nothing was changed."));
    return response;
  }
  return Then<pb::DeleteRoleResponse, bool>(
      std::move(dropped),
      [response, target,
       secrets](bool gone) mutable -> absl::StatusOr<pb::DeleteRoleResponse> {
        const std::string where = ClusterText(target.cluster_key);
        if (!gone) {
          response.set_summary(absl::StrCat(
              "Role \"", target.role, "\" of ", where,
              " is declared to be dropped, but the operator has not confirmed "
              "it yet; repeat the call later to finish."));
          return std::move(response);
        }
        RETURN_IF_ERROR(DeleteSecrets(*target.plane, secrets, target.call));
        response.set_secret_deleted(!secrets.empty());
        response.set_summary(absl::StrCat(
            "Role \"", target.role, "\" is dropped from ", where,
            secrets.empty() ? "." : " and its password Secret is deleted."));
        return std::move(response);
      });
}

absl::StatusOr<pb::DeleteRoleResponse> RoleService::DeleteLeftoverSecret(
    const Target& target, const pb::DeleteRoleRequest& request) {
  ASSIGN_OR_RETURN(
      std::vector<RoleSecret> secrets,
      ListOurSecrets(*target.plane, target.cluster_key, target.call));
  std::erase_if(secrets, [&](const RoleSecret& secret) {
    return secret.role != target.role;
  });
  if (secrets.empty()) {
    return cnpg::RoleNotFound(target.cluster_key.name, target.role);
  }
  std::string left =
      absl::StrCat("the left-over password Secret \"", secrets[0].key.name,
                   "\" of role \"", target.role, "\"");
  pb::DeleteRoleResponse response;
  response.set_role_name(target.role);
  response.add_losses(left);
  response.set_secret_deleted(true);
  response.set_dry_run(request.dry_run());
  if (request.dry_run()) {
    response.set_summary(absl::StrCat("Dry run: role \"", target.role,
                                      "\" is not managed any more; ", left,
                                      " would be deleted."));
    return response;
  }
  if (!request.confirm_deletion()) {
    return cnpg::ConfirmationRequired(left, {left});
  }
  RETURN_IF_ERROR(DeleteSecrets(*target.plane, secrets, target.call));
  response.set_summary(absl::StrCat("Role \"", target.role,
                                    "\" was not managed any more; deleted ",
                                    left, "."));
  return response;
}

absl::StatusOr<Settling<bool>> RoleService::DropInline(
    const Target& target, const LocatedRole& existing,
    const pb::DeleteRoleRequest& request) {
  auto recording = std::make_shared<ClusterRecording>(
      target.plane->clusters().cache(), target.cluster_key);
  cnpg::RoleEdit edit;
  edit.kind = cnpg::RoleEdit::Kind::kEnsureAbsent;
  edit.name = target.role;
  auto guard = [&](const cnpg::Cluster& now) -> absl::Status {
    const cnpg::ManagedRole* role = FindInline(now, target.role);
    if (role == nullptr) return absl::OkStatus();
    return CheckEtag(request.etag(), {*role});
  };
  ASSIGN_OR_RETURN(
      cnpg::Cluster after,
      inline_roles_.Apply(*target.plane, target.cluster_key, edit, {}, guard,
                          request.dry_run(), target.call));
  if (request.dry_run()) return true;

  auto seen = std::make_shared<SeenDropping>(existing.role);
  SettleWait wait = Awaits<cnpg::Cluster>(
      std::move(recording), after.meta.resource_version,
      absl::Now() + options_.settle,
      [seen, name = target.role](const cnpg::Cluster* cluster) {
        return cluster != nullptr && seen->IsConclusive(*cluster, name);
      });
  return Settling<bool>(
      std::move(wait),
      [this, seen, target, edit](bool held) mutable -> absl::StatusOr<bool> {
        if (seen->now.state == RoleState::kFailed && !seen->gone) {
          return cnpg::RoleNotDropped(target.cluster_key.name, target.role,
                                      seen->now.message);
        }
        if (!seen->gone && !(seen->WasLongGone() && !held)) return false;
        edit.kind = cnpg::RoleEdit::Kind::kRemoveAbsent;
        auto no_guard = [](const cnpg::Cluster&) { return absl::OkStatus(); };
        RETURN_IF_ERROR(inline_roles_
                            .Apply(*target.plane, target.cluster_key, edit, {},
                                   no_guard, /*dry_run=*/false, target.call)
                            .status());
        return true;
      });
}

absl::StatusOr<Settling<bool>> RoleService::DropObject(
    const Target& target, const LocatedRole& existing,
    const pb::DeleteRoleRequest& request) {
  const cnpg::DatabaseRole& object = *existing.object;
  ObjectKey key{object.meta.namespace_name, object.meta.name};
  std::string version = object.meta.resource_version;
  if (!object.drop_on_delete && !object.meta.deleting) {
    nlohmann::json patch = {
        {"spec", {{"databaseRoleReclaimPolicy", "delete"}}}};
    if (!request.etag().empty()) OnlyAtVersion(patch, version);
    absl::StatusOr<kubernetes::Written> written = target.plane->api().Patch(
        kDatabaseRoles, key, kubernetes::PatchType::kMerge, patch,
        {.dry_run = request.dry_run()}, target.call);
    if (IsConflict(written.status())) {
      return cnpg::EtagMismatch("Role", target.role);
    }
    if (!written.ok()) return written.status();
    version = StringAt(written->object, "/metadata/resourceVersion");
  }
  kubernetes::DeleteOptions options;
  options.dry_run = request.dry_run();
  options.uid = object.meta.uid;
  absl::Status deleted =
      target.plane->api().Delete(kDatabaseRoles, key, options, target.call);
  if (IsConflict(deleted)) return cnpg::EtagMismatch("Role", target.role);
  if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;
  if (request.dry_run()) return true;
  target.plane->ledger().Deleted(kDatabaseRoles.plural, key, object.meta.uid);

  auto message = std::make_shared<std::string>();
  SettleWait wait = target.plane->database_roles().Awaits(
      key, version, absl::Now() + options_.settle,
      [message, uid = object.meta.uid,
       old_message = existing.role.message](const cnpg::DatabaseRole* now) {
        if (now == nullptr || now->meta.uid != uid) {
          message->clear();
          return true;
        }
        if (now->meta.deleting && now->role.message != old_message) {
          *message = now->role.message;
        }
        return !message->empty();
      });
  return Settling<bool>(
      std::move(wait),
      [message, key, target,
       uid = object.meta.uid](bool) -> absl::StatusOr<bool> {
        if (!message->empty()) {
          return cnpg::RoleNotDropped(target.cluster_key.name, target.role,
                                      *message);
        }
        // The cache may never have had the object.
        ASSIGN_OR_RETURN(auto left, target.plane->database_roles().GetDirectly(
                                        key, target.call));
        bool gone = left == nullptr || left->meta.uid != uid;
        if (!gone && !left->role.message.empty()) {
          return cnpg::RoleNotDropped(target.cluster_key.name, target.role,
                                      left->role.message);
        }
        return gone;
      });
}

}  // namespace howdah::services

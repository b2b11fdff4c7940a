// ListRoles and CreateRole, and how all changes settle.
#include "backend/services/role_service.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/cnpg/cluster_spec.h"
#include "backend/cnpg/errors.h"
#include "backend/cnpg/names.h"
#include "backend/services/namespaces.h"
#include "backend/services/page_token.h"
#include "backend/services/role_conversion.h"
#include "backend/services/role_target.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;
using cnpg::RoleState;
using kubernetes::kDatabaseRoles;
using kubernetes::ObjectKey;

constexpr size_t kDefaultPageSize = 100;

std::string ClusterText(const ObjectKey& key) {
  return absl::StrCat("cluster ", key.namespace_name, "/", key.name);
}

std::string ListSummary(const cnpg::Cluster& cluster, size_t count,
                        bool whole) {
  std::string owner;
  if (!cluster.application_owner.empty()) {
    owner = absl::StrCat(", besides the application owner \"",
                         cluster.application_owner, "\"");
  }
  return absl::StrCat(
      "Cluster ", cluster.meta.namespace_name, "/", cluster.meta.name, " has ",
      count == 0 ? "no" : absl::StrCat(count), " managed role",
      count == 1 ? "" : "s", whole ? "" : " on this page", owner, ".");
}

std::string DigestOf(const cnpg::RoleAttributes& a) {
  return cnpg::Digest(absl::StrCat(a.login, a.superuser, a.inherit, a.createdb,
                                   a.createrole, a.replication));
}

std::string CreatedSummary(const ObjectKey& cluster, const LocatedRole& role,
                           bool confirmed) {
  std::string secret =
      absl::StrCat(" Its password is in Secret \"", role.role.password_secret,
                   "\" in namespace ", cluster.namespace_name, ".");
  if (confirmed) {
    return absl::StrCat("Role \"", role.role.name, "\" is created in ",
                        ClusterText(cluster), ".", secret);
  }
  return absl::StrCat("Role \"", role.role.name, "\" is declared in ",
                      ClusterText(cluster),
                      ", but the operator has not applied it yet; "
                      "list_postgres_roles tells when it has.",
                      secret);
}

// True of an inline role when what is observed can only be about `declared`.
std::function<bool(const cnpg::ManagedRole&)> Conclusive(
    const cnpg::ManagedRole& declared, const std::string& password_version,
    bool was_reconciled) {
  auto seen_pending = std::make_shared<bool>(false);
  return [=](const cnpg::ManagedRole& role) {
    if (role.state == RoleState::kFailed) {
      return declared.state != RoleState::kFailed ||
             role.message != declared.message;
    }
    *seen_pending |= role.state == RoleState::kPending;
    if (role.state != RoleState::kReconciled) return false;
    if (!password_version.empty()) {
      return role.applied_password_version == password_version;
    }
    // An operator that has changed the role leaves one of these traces.
    bool changed = *seen_pending ||
                   role.applied_transaction != declared.applied_transaction;
    return changed || !was_reconciled;
  };
}

}  // namespace

absl::StatusOr<pb::ListRolesResponse> RoleService::ListRoles(
    const CallContext& context, const pb::ListRolesRequest& request) {
  ASSIGN_OR_RETURN(Plane * plane, planes_.Get(request.context()));
  ObjectKey key{NamespaceOf(request, *plane), request.cluster_name()};
  kubernetes::Call call = UpstreamCall(context);
  std::string arguments =
      absl::StrCat("roles/", key.namespace_name, "/", key.name);
  ASSIGN_OR_RETURN(std::string after,
                   ReadPageToken(request.page_token(), arguments));
  ASSIGN_OR_RETURN(std::shared_ptr<const cnpg::Cluster> cluster,
                   plane->clusters().Get(key, call));
  if (cluster == nullptr) {
    return cnpg::ClusterNotFound(key.namespace_name, key.name);
  }
  ASSIGN_OR_RETURN(std::vector<LocatedRole> roles,
                   services::ListRoles(*plane, *cluster, call));
  size_t page_size =
      request.page_size() > 0 ? request.page_size() : kDefaultPageSize;
  pb::ListRolesResponse response;
  for (size_t i = 0; i < roles.size(); ++i) {
    if (!after.empty() && roles[i].role.name <= after) continue;
    if (static_cast<size_t>(response.roles_size()) == page_size) {
      response.set_next_page_token(
          MakePageToken(roles[i - 1].role.name, arguments));
      break;
    }
    *response.add_roles() = ToProto(roles[i]);
  }
  response.set_count(response.roles_size());
  response.set_cluster_name(key.name);
  response.set_namespace_(key.namespace_name);
  response.set_summary(
      ListSummary(*cluster, response.roles_size(),
                  after.empty() && response.next_page_token().empty()));
  return response;
}

void RoleService::CreateRole(const CallContext& context,
                             const pb::CreateRoleRequest& request,
                             Reply<pb::CreateRoleResponse> reply) {
  Conclude(waiter_, context, BeginCreate(context, request), std::move(reply));
}

absl::StatusOr<Settling<pb::CreateRoleResponse>> RoleService::BeginCreate(
    const CallContext& context, const pb::CreateRoleRequest& request) {
  ASSIGN_OR_RETURN(Target target, FindTarget(context, request));
  if (target.role == target.cluster->application_owner) {
    return cnpg::RoleIsApplicationOwner(target.cluster_key.name, target.role,
                                        target.cluster->application_secret);
  }
  ASSIGN_OR_RETURN(
      std::optional<LocatedRole> existing,
      LocateRole(*target.plane, *target.cluster, target.role, target.call));
  if (existing && !existing->role.absent) {
    RETURN_IF_ERROR(MayCreate(target, *existing, request));
  }

  auto recording = std::make_shared<ClusterRecording>(
      target.plane->clusters().cache(), target.cluster_key);
  cnpg::RoleAttributes attributes = AttributesOf(request);
  ASSIGN_OR_RETURN(
      RoleSecret secret,
      EnsureSecret(*target.plane, target.secret_owner(), options_.random,
                   request.request_id(), DigestOf(attributes),
                   request.dry_run(), target.call));
  ASSIGN_OR_RETURN(LocatedRole declared, Declare(target, existing, attributes,
                                                 secret.key.name, request));

  pb::CreateRoleResponse response;
  for (std::string& warning :
       cnpg::ElevationWarnings(target.role, attributes)) {
    response.add_warnings(std::move(warning));
  }
  response.set_dry_run(request.dry_run());
  if (request.dry_run()) {
    response.set_summary(
        absl::StrCat("Dry run: role \"", target.role, "\" would be created in ",
                     ClusterText(target.cluster_key),
                     " with a generated password in Secret "
                     "\"",
                     secret.key.name, "\". Nothing was changed."));
    *response.mutable_role() = ToProto(declared);
    return response;
  }
  // A role that was dropped and comes back is listed as reconciled still.
  bool was_reconciled = existing && existing->role.absent &&
                        existing->role.state == RoleState::kReconciled;
  return Then<pb::CreateRoleResponse, Settled>(
      Settle(target, recording, declared, "", was_reconciled),
      [response, cluster = target.cluster_key](const Settled& settled) mutable
      -> absl::StatusOr<pb::CreateRoleResponse> {
        response.set_summary(
            CreatedSummary(cluster, settled.role, settled.confirmed));
        *response.mutable_role() = ToProto(settled.role);
        return std::move(response);
      });
}

absl::Status RoleService::MayCreate(const Target& target,
                                    const LocatedRole& existing,
                                    const pb::CreateRoleRequest& request) {
  const cnpg::ManagedRole& role = existing.role;
  cnpg::RoleAttributes wanted = AttributesOf(request);
  std::string difference = DifferenceOf(role.attributes, wanted);
  absl::Status exists =
      cnpg::RoleExists(target.cluster_key.name, target.role, difference);
  if (role.state == RoleState::kDeleting) return exists;
  // Without a Secret there is nothing that an earlier call of ours left.
  if (role.password_secret.empty()) return exists;

  absl::StatusOr<RoleSecret> secret = GetSecret(
      *target.plane, {target.cluster_key.namespace_name, role.password_secret},
      target.call);
  bool lost = absl::IsNotFound(secret.status());
  if (!secret.ok() && !lost) return secret.status();
  if (lost) {
    std::vector<std::string> names =
        cnpg::SecretNames(target.cluster_key.name, target.role);
    bool ours = std::find(names.begin(), names.end(), role.password_secret) !=
                names.end();
    return ours && difference.empty() ? absl::OkStatus() : exists;
  }
  if (!secret->ours || secret->role != target.role) return exists;
  if (!request.request_id().empty() &&
      secret->request_id == request.request_id()) {
    if (secret->request_digest == DigestOf(wanted)) return absl::OkStatus();
    return cnpg::RequestIdReused(request.request_id(),
                                 absl::StrCat("role \"", target.role, "\" of ",
                                              ClusterText(target.cluster_key)));
  }
  // PostgreSQL does not have it as wanted: repeating the call is the way on.
  if (role.state == RoleState::kFailed) return absl::OkStatus();
  if (role.state == RoleState::kPending && difference.empty()) {
    return absl::OkStatus();
  }
  return exists;
}

absl::StatusOr<LocatedRole> RoleService::Declare(
    const Target& target, const std::optional<LocatedRole>& existing,
    const cnpg::RoleAttributes& attributes, const std::string& secret,
    const pb::CreateRoleRequest& request) {
  bool use_inline = existing && existing->is_inline();
  if (existing && !existing->is_inline()) return *existing;
  if (!use_inline) {
    ASSIGN_OR_RETURN(bool served,
                     target.plane->api().Serves(kDatabaseRoles, target.call));
    if (served) return DeclareObject(target, attributes, secret, request);
  }
  cnpg::RoleEdit edit;
  edit.kind = cnpg::RoleEdit::Kind::kPut;
  edit.name = target.role;
  edit.attributes = attributes;
  edit.password_secret = secret;
  // Somebody may have made the role since it was looked for.
  auto guard = [&](const cnpg::Cluster& now) -> absl::Status {
    const cnpg::ManagedRole* role = FindInline(now, target.role);
    if (role == nullptr || role->absent) return absl::OkStatus();
    return MayCreate(target, {*role}, request);
  };
  ASSIGN_OR_RETURN(
      cnpg::Cluster after,
      inline_roles_.Apply(*target.plane, target.cluster_key, edit, {}, guard,
                          request.dry_run(), target.call));
  const cnpg::ManagedRole* role = FindInline(after, target.role);
  if (role == nullptr) {
    return cnpg::RoleNotFound(target.cluster_key.name, target.role);
  }
  return LocatedRole{*role, nullptr, after.meta.resource_version};
}

absl::StatusOr<LocatedRole> RoleService::DeclareObject(
    const Target& target, const cnpg::RoleAttributes& attributes,
    const std::string& secret, const pb::CreateRoleRequest& request) {
  const ObjectKey& cluster = target.cluster_key;
  for (const std::string& name : cnpg::ObjectNames(cluster.name, target.role)) {
    nlohmann::json manifest =
        cnpg::DatabaseRoleManifest(cluster.namespace_name, name, cluster.name,
                                   target.role, attributes, secret);
    cnpg::AnnotateRequest(manifest, request.request_id(), "");
    absl::StatusOr<kubernetes::Written> written = target.plane->api().Create(
        kDatabaseRoles, cluster.namespace_name, manifest,
        {.dry_run = request.dry_run()}, target.call);
    if (absl::IsAlreadyExists(written.status())) {
      ASSIGN_OR_RETURN(auto taken,
                       target.plane->database_roles().GetDirectly(
                           {cluster.namespace_name, name}, target.call));
      bool same_role = taken != nullptr &&
                       taken->cluster_name == cluster.name &&
                       taken->role.name == target.role;
      if (!same_role) continue;
      LocatedRole located{taken->role, taken, taken->meta.resource_version};
      RETURN_IF_ERROR(MayCreate(target, located, request));
      return located;
    }
    if (!written.ok()) return written.status();
    ASSIGN_OR_RETURN(cnpg::DatabaseRole made,
                     cnpg::ReadDatabaseRole(JsonText(written->object)));
    if (!request.dry_run()) {
      target.plane->ledger().Wrote(kDatabaseRoles.plural,
                                   {cluster.namespace_name, name},
                                   made.meta.resource_version);
    }
    auto object = std::make_shared<const cnpg::DatabaseRole>(std::move(made));
    return LocatedRole{object->role, object, object->meta.resource_version};
  }
  return cnpg::RoleExists(cluster.name, target.role,
                          "every name for its object is taken");
}

Settling<RoleService::Settled> RoleService::Settle(
    const Target& target, std::shared_ptr<ClusterRecording> recording,
    const LocatedRole& declared, const std::string& password_version,
    bool was_reconciled) {
  auto now = std::make_shared<LocatedRole>(declared);
  const std::string old_failure = declared.role.state == RoleState::kFailed
                                      ? declared.role.message
                                      : std::string();
  const absl::Time begin = absl::Now();
  SettleWait wait;
  if (declared.is_inline()) {
    const absl::Duration patience = was_reconciled && password_version.empty()
                                        ? options_.settle_without_trace
                                        : options_.settle;
    wait = Awaits<cnpg::Cluster>(
        std::move(recording), declared.version, begin + patience,
        [=, name = target.role,
         conclusive =
             Conclusive(declared.role, password_version, was_reconciled)](
            const cnpg::Cluster* cluster) {
          if (cluster == nullptr) return false;
          const cnpg::ManagedRole* role = FindInline(*cluster, name);
          if (role == nullptr) return true;
          now->role = *role;
          return conclusive(*role);
        });
  } else {
    // A DatabaseRole tells which generation it speaks of.
    wait = target.plane->database_roles().Awaits(
        {declared.object->meta.namespace_name, declared.object->meta.name},
        declared.version, begin + options_.settle,
        [=](const cnpg::DatabaseRole* object) {
          if (object == nullptr) return false;
          now->role = object->role;
          if (object->role.state == RoleState::kFailed) {
            return object->role.message != old_failure;
          }
          return object->observed &&
                 (password_version.empty() ||
                  object->role.applied_password_version == password_version);
        });
  }
  return {
      std::move(wait),
      [now, cluster = target.cluster_key.name,
       name = target.role](bool held) -> absl::StatusOr<Settled> {
        if (now->role.state == RoleState::kFailed) {
          return cnpg::RoleNotApplied(
              cluster, name, now->role.message,
              "Put right what it complains about and repeat the call, or "
              "remove the role with delete_postgres_role.");
        }
        return Settled{*now, held && now->role.state == RoleState::kReconciled};
      }};
}

}  // namespace howdah::services

#include "backend/services/role_secrets.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "backend/cnpg/cluster_spec.h"
#include "backend/cnpg/names.h"
#include "backend/cnpg/object_meta.h"
#include "backend/services/resource_patch.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

using Json = nlohmann::json;
using kubernetes::kSecrets;

RoleSecret ReadSecret(const Json& object) {
  RoleSecret secret;
  secret.key = {StringAt(object, "/metadata/namespace"),
                StringAt(object, "/metadata/name")};
  secret.uid = StringAt(object, "/metadata/uid");
  secret.resource_version = StringAt(object, "/metadata/resourceVersion");
  secret.ours =
      StringAt(object, "/metadata/labels/app.kubernetes.io~1managed-by") ==
      cnpg::kManagedByValue;
  secret.role = StringAt(object, "/metadata/annotations/howdah.dev~1role");
  secret.cluster_uid =
      StringAt(object, "/metadata/annotations/howdah.dev~1cluster-uid");
  secret.request_id =
      StringAt(object, "/metadata/annotations/howdah.dev~1request-id");
  secret.request_digest =
      StringAt(object, "/metadata/annotations/howdah.dev~1request-digest");
  return secret;
}

bool BelongsTo(const RoleSecret& secret, const Json& object,
               const SecretOwner& owner) {
  return secret.ours && secret.role == owner.role &&
         StringAt(object, "/metadata/labels/cnpg.io~1cluster") ==
             owner.cluster.name;
}

Json SecretManifest(const SecretOwner& owner, absl::string_view name,
                    absl::string_view password) {
  return {
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"type", "kubernetes.io/basic-auth"},
      {"metadata",
       {{"name", std::string(name)},
        {"namespace", owner.cluster.namespace_name},
        {"labels",
         {{std::string(cnpg::kManagedByLabel),
           std::string(cnpg::kManagedByValue)},
          {std::string(cnpg::kClusterLabel), owner.cluster.name},
          {std::string(cnpg::kReloadLabel), "true"}}},
        {"annotations",
         {{std::string(cnpg::kRoleAnnotation), owner.role},
          {std::string(cnpg::kClusterUidAnnotation), owner.cluster_uid}}}}},
      {"data",
       {{"username", absl::Base64Escape(owner.role)},
        {"password", absl::Base64Escape(password)}}},
  };
}

// A Secret of a role of an earlier cluster of the same name: its password was
// given to people who may have nothing to do with this cluster.
absl::StatusOr<RoleSecret> Renew(Plane& plane, const RoleSecret& secret,
                                 const SecretOwner& owner,
                                 const cnpg::RandomBytes& random, bool dry_run,
                                 const kubernetes::Call& call) {
  Json patch = {
      {"metadata",
       {{"annotations",
         {{std::string(cnpg::kClusterUidAnnotation), owner.cluster_uid}}}}},
      {"data",
       {{"password", absl::Base64Escape(cnpg::GeneratePassword(random))}}}};
  OnlyAtVersion(patch, secret.resource_version);
  ASSIGN_OR_RETURN(
      kubernetes::Written written,
      plane.api().Patch(kSecrets, secret.key, kubernetes::PatchType::kMerge,
                        patch, {.dry_run = dry_run}, call));
  return ReadSecret(written.object);
}

kubernetes::DeleteOptions OnlyThis(const RoleSecret& secret) {
  kubernetes::DeleteOptions options;
  options.uid = secret.uid;
  return options;
}

absl::Status NoFreeName(const SecretOwner& owner) {
  return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                               "SECRET_NAME_TAKEN", support::kPostgresDomain)
      .Message(absl::StrCat(
          "Every name for the password Secret of role \"", owner.role,
          "\" of cluster \"", owner.cluster.name,
          "\" is taken by Secrets of others; remove those, their names begin "
          "with \"cnpg-",
          owner.cluster.name, "-user-\"."))
      .With("cluster", owner.cluster.name)
      .With("role", owner.role)
      .Precondition("SECRET_NAME", owner.cluster.name, "is taken")
      .Build();
}

}  // namespace

absl::StatusOr<std::vector<RoleSecret>> ListOurSecrets(
    Plane& plane, const kubernetes::ObjectKey& cluster,
    const kubernetes::Call& call) {
  kubernetes::ListOptions options;
  options.label_selector =
      absl::StrCat(cnpg::kClusterLabel, "=", cluster.name, ",",
                   cnpg::kManagedByLabel, "=", cnpg::kManagedByValue);
  std::vector<RoleSecret> secrets;
  do {
    ASSIGN_OR_RETURN(
        kubernetes::ListPage page,
        plane.api().List(kSecrets, cluster.namespace_name, options, call));
    for (const Json& item : page.items) secrets.push_back(ReadSecret(item));
    options.continue_token = page.continue_token;
  } while (!options.continue_token.empty());
  return secrets;
}

absl::StatusOr<RoleSecret> GetSecret(Plane& plane,
                                     const kubernetes::ObjectKey& key,
                                     const kubernetes::Call& call) {
  ASSIGN_OR_RETURN(Json object, plane.api().Get(kSecrets, key, call));
  return ReadSecret(object);
}

absl::StatusOr<RoleSecret> EnsureSecret(Plane& plane, const SecretOwner& owner,
                                        const cnpg::RandomBytes& random,
                                        absl::string_view request_id,
                                        absl::string_view request_digest,
                                        bool dry_run,
                                        const kubernetes::Call& call) {
  for (const std::string& name :
       cnpg::SecretNames(owner.cluster.name, owner.role)) {
    Json manifest = SecretManifest(owner, name, cnpg::GeneratePassword(random));
    cnpg::AnnotateRequest(manifest, request_id, request_digest);
    absl::StatusOr<kubernetes::Written> written =
        plane.api().Create(kSecrets, owner.cluster.namespace_name, manifest,
                           {.dry_run = dry_run}, call);
    if (written.ok()) return ReadSecret(written->object);
    if (!absl::IsAlreadyExists(written.status())) return written.status();

    absl::StatusOr<Json> existing =
        plane.api().Get(kSecrets, {owner.cluster.namespace_name, name}, call);
    if (!existing.ok()) return existing.status();
    RoleSecret secret = ReadSecret(*existing);
    if (!BelongsTo(secret, *existing, owner)) continue;
    if (secret.cluster_uid == owner.cluster_uid) return secret;
    return Renew(plane, secret, owner, random, dry_run, call);
  }
  return NoFreeName(owner);
}

absl::StatusOr<RoleSecret> SetPassword(Plane& plane, const RoleSecret& secret,
                                       absl::string_view password, bool dry_run,
                                       const kubernetes::Call& call) {
  Json patch = {{"metadata",
                 {{"uid", secret.uid},
                  {"labels", {{std::string(cnpg::kReloadLabel), "true"}}}}},
                {"data", {{"password", absl::Base64Escape(password)}}}};
  ASSIGN_OR_RETURN(
      kubernetes::Written written,
      plane.api().Patch(kSecrets, secret.key, kubernetes::PatchType::kMerge,
                        patch, {.dry_run = dry_run}, call));
  return ReadSecret(written.object);
}

absl::Status DeleteSecrets(Plane& plane, const std::vector<RoleSecret>& secrets,
                           const kubernetes::Call& call) {
  for (const RoleSecret& secret : secrets) {
    if (!secret.ours) continue;
    absl::Status status =
        plane.api().Delete(kSecrets, secret.key, OnlyThis(secret), call);
    // Gone, or replaced by another object of that name: not the one we mean.
    if (status.ok() || absl::IsNotFound(status) || absl::IsAborted(status)) {
      continue;
    }
    return status;
  }
  return absl::OkStatus();
}

}  // namespace howdah::services

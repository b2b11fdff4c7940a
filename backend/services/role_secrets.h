// Password Secrets of roles: which are ours, and how they are made.
//
//   ASSIGN_OR_RETURN(RoleSecret secret, EnsureSecret(plane, owner, ..., call));
//
// A Secret is ours if it carries our managed-by label. Only such Secrets are
// ever written or deleted; it belongs to a role if its annotation and label
// name the very pair of cluster and role.
#ifndef HOWDAH_BACKEND_SERVICES_ROLE_SECRETS_H_
#define HOWDAH_BACKEND_SERVICES_ROLE_SECRETS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/cnpg/password.h"
#include "backend/services/plane.h"

namespace howdah::services {

// What is known of a Secret; never its password.
struct RoleSecret {
  kubernetes::ObjectKey key;
  std::string uid;
  std::string resource_version;
  // Raw role name; empty if it is not ours.
  std::string role;
  std::string cluster_uid;
  std::string request_id;
  std::string request_digest;
  bool ours = false;
};

// The role whose password a Secret holds.
struct SecretOwner {
  kubernetes::ObjectKey cluster;
  std::string cluster_uid;
  std::string role;
};

// All our Secrets of a cluster, in the order of their names.
absl::StatusOr<std::vector<RoleSecret>> ListOurSecrets(
    Plane& plane, const kubernetes::ObjectKey& cluster,
    const kubernetes::Call& call);

// NOT_FOUND if it does not exist.
absl::StatusOr<RoleSecret> GetSecret(Plane& plane,
                                     const kubernetes::ObjectKey& key,
                                     const kubernetes::Call& call);

// The Secret of the role with a generated password: one that an earlier call
// made for it is kept as it is, unless it was made for an earlier cluster of
// the same name. A foreign Secret of that name is left alone, and another name
// is taken.
absl::StatusOr<RoleSecret> EnsureSecret(Plane& plane, const SecretOwner& owner,
                                        const cnpg::RandomBytes& random,
                                        absl::string_view request_id,
                                        absl::string_view request_digest,
                                        bool dry_run,
                                        const kubernetes::Call& call);

// Puts another password into one of our Secrets.
absl::StatusOr<RoleSecret> SetPassword(Plane& plane, const RoleSecret& secret,
                                       absl::string_view password, bool dry_run,
                                       const kubernetes::Call& call);

// Deletes those Secrets, just the objects that were read; one that is gone
// already is no error.
absl::Status DeleteSecrets(Plane& plane, const std::vector<RoleSecret>& secrets,
                           const kubernetes::Call& call);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_ROLE_SECRETS_H_

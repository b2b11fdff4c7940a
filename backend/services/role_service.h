// RoleService of howdah/postgres/v1, as plain functions.
//
// Every change is a few writes in a fixed order, each of which may have been
// made already: the password Secret first, then the declaration; the other way
// round for a deletion. So a call that was cut off anywhere is healed by
// repeating it. After the last write the call waits a little for the operator,
// so that the answer tells what has happened and not only what was asked for.
#ifndef HOWDAH_BACKEND_SERVICES_ROLE_SERVICE_H_
#define HOWDAH_BACKEND_SERVICES_ROLE_SERVICE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/cnpg/password.h"
#include "backend/operations/change_waiter.h"
#include "backend/services/call_context.h"
#include "backend/services/inline_roles.h"
#include "backend/services/object_recording.h"
#include "backend/services/plane_registry.h"
#include "backend/services/role_directory.h"
#include "backend/services/role_secrets.h"
#include "backend/services/settling.h"
#include "howdah/postgres/v1/role_service.pb.h"

namespace howdah::services {

// Threads: safe; a change answers when the operator has acted, or
// Options::settle is over, and holds no thread until then. Owns: nothing; what
// it is given must outlive it.
class RoleService {
 public:
  struct Options {
    // Source of passwords.
    cnpg::RandomBytes random;
    // Longest wait for the operator.
    absl::Duration settle = absl::Seconds(10);
    // The same where the operator may already have acted without a trace: an
    // inline role has no observed generation.
    absl::Duration settle_without_trace = absl::Seconds(3);
  };

  RoleService(PlaneRegistry& planes, operations::ChangeWaiter& waiter,
              Options options)
      : planes_(planes),
        waiter_(waiter),
        options_(std::move(options)),
        inline_roles_(options_.random) {}

  absl::StatusOr<postgres::v1::ListRolesResponse> ListRoles(
      const CallContext& context,
      const postgres::v1::ListRolesRequest& request);
  void CreateRole(const CallContext& context,
                  const postgres::v1::CreateRoleRequest& request,
                  Reply<postgres::v1::CreateRoleResponse> reply);
  void UpdateRole(const CallContext& context,
                  const postgres::v1::UpdateRoleRequest& request,
                  Reply<postgres::v1::UpdateRoleResponse> reply);
  void DeleteRole(const CallContext& context,
                  const postgres::v1::DeleteRoleRequest& request,
                  Reply<postgres::v1::DeleteRoleResponse> reply);

 private:
  using ClusterRecording = ObjectRecording<cnpg::Cluster>;

  // The cluster and role that a change is about.
  struct Target {
    Plane* plane = nullptr;
    kubernetes::ObjectKey cluster_key;
    std::shared_ptr<const cnpg::Cluster> cluster;
    std::string role;
    kubernetes::Call call;

    SecretOwner secret_owner() const {
      return {cluster_key, cluster->meta.uid, role};
    }
  };

  absl::StatusOr<Settling<postgres::v1::CreateRoleResponse>> BeginCreate(
      const CallContext& context,
      const postgres::v1::CreateRoleRequest& request);
  absl::StatusOr<Settling<postgres::v1::UpdateRoleResponse>> BeginUpdate(
      const CallContext& context,
      const postgres::v1::UpdateRoleRequest& request);
  absl::StatusOr<Settling<postgres::v1::DeleteRoleResponse>> BeginDelete(
      const CallContext& context,
      const postgres::v1::DeleteRoleRequest& request);

  template <typename Request>
  absl::StatusOr<Target> FindTarget(const CallContext& context,
                                    const Request& request);

  // OK if a call to create the role may go on although it exists.
  absl::Status MayCreate(const Target& target, const LocatedRole& existing,
                         const postgres::v1::CreateRoleRequest& request);
  absl::StatusOr<LocatedRole> Declare(
      const Target& target, const std::optional<LocatedRole>& existing,
      const cnpg::RoleAttributes& attributes, const std::string& secret,
      const postgres::v1::CreateRoleRequest& request);
  absl::StatusOr<LocatedRole> DeclareObject(
      const Target& target, const cnpg::RoleAttributes& attributes,
      const std::string& secret,
      const postgres::v1::CreateRoleRequest& request);

  // The Secret that an update writes the password to, made if need be; one
  // that is not ours is refused.
  absl::StatusOr<RoleSecret> WritePassword(
      const Target& target, const LocatedRole& existing,
      const postgres::v1::UpdateRoleRequest& request);
  absl::StatusOr<LocatedRole> WriteChanges(
      const Target& target, const LocatedRole& existing,
      const cnpg::RoleChanges& changes, const std::string& secret,
      const postgres::v1::UpdateRoleRequest& request);

  // How a role is after the wait for the operator.
  struct Settled {
    LocatedRole role;
    // The operator has surely seen the declaration and PostgreSQL has it.
    bool confirmed = false;
  };
  // Waits for the operator; `recording` was begun before the first write.
  // `password_version`: version of the Secret that it
  // has to have taken; empty if any. `was_reconciled`: it called the role
  // reconciled before, so hearing that again proves nothing.
  Settling<Settled> Settle(const Target& target,
                           std::shared_ptr<ClusterRecording> recording,
                           const LocatedRole& declared,
                           const std::string& password_version,
                           bool was_reconciled);

  absl::StatusOr<postgres::v1::DeleteRoleResponse> DeleteLeftoverSecret(
      const Target& target, const postgres::v1::DeleteRoleRequest& request);
  // True when PostgreSQL has the role no more; false: not yet.
  absl::StatusOr<Settling<bool>> DropInline(
      const Target& target, const LocatedRole& existing,
      const postgres::v1::DeleteRoleRequest& request);
  absl::StatusOr<Settling<bool>> DropObject(
      const Target& target, const LocatedRole& existing,
      const postgres::v1::DeleteRoleRequest& request);

  PlaneRegistry& planes_;
  operations::ChangeWaiter& waiter_;
  const Options options_;
  InlineRoleEditor inline_roles_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_ROLE_SERVICE_H_

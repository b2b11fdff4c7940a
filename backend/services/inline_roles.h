// Edits of spec.managed.roles that never lose another edit.
//
//   InlineRoleEditor editor(random);
//   ASSIGN_OR_RETURN(cnpg::Cluster after,
//                    editor.Apply(plane, key, edit, {}, guard, false, call));
#ifndef HOWDAH_BACKEND_SERVICES_INLINE_ROLES_H_
#define HOWDAH_BACKEND_SERVICES_INLINE_ROLES_H_

#include <array>
#include <functional>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/cnpg/cluster.h"
#include "backend/cnpg/password.h"
#include "backend/cnpg/roles.h"
#include "backend/services/plane.h"

namespace howdah::services {

// Kubernetes treats the list as one value, so an edit reads it, applies the
// intent, and writes it back on condition that the cluster has not changed; if
// it has, all of that is done again, after a jittered pause, until the call's
// deadline. Edits of one replica queue up, so that they do not race each other.
//
// Threads: safe; holds the calling thread.
class InlineRoleEditor {
 public:
  // Looks at the cluster as it is before each try; an error ends the edit.
  using Guard = std::function<absl::Status(const cnpg::Cluster&)>;

  explicit InlineRoleEditor(cnpg::RandomBytes random)
      : random_(std::move(random)) {}

  // The cluster after the edit. An edit that changes nothing writes nothing.
  absl::StatusOr<cnpg::Cluster> Apply(Plane& plane,
                                      const kubernetes::ObjectKey& key,
                                      const cnpg::RoleEdit& edit,
                                      const cnpg::RoleChanges& changes,
                                      const Guard& guard, bool dry_run,
                                      const kubernetes::Call& call);

 private:
  absl::StatusOr<cnpg::Cluster> TryOnce(Plane& plane,
                                        const kubernetes::ObjectKey& key,
                                        const cnpg::RoleEdit& edit,
                                        const cnpg::RoleChanges& changes,
                                        const Guard& guard, bool dry_run,
                                        const kubernetes::Call& call);
  // Pauses before another try; false when there is no time left for one.
  bool Pause(int tries, const kubernetes::Call& call);

  const cnpg::RandomBytes random_;
  // One of them stands for each cluster, by hash.
  std::array<std::timed_mutex, 64> queues_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_INLINE_ROLES_H_

// One Kubernetes cluster as the services see it: the verbs, the caches, and the
// readers that put both together.
#ifndef HOWDAH_BACKEND_SERVICES_PLANE_H_
#define HOWDAH_BACKEND_SERVICES_PLANE_H_

#include <memory>
#include <string>
#include <utility>

#include "backend/cnpg/cluster.h"
#include "backend/cnpg/databases.h"
#include "backend/cnpg/roles.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/net/clock.h"
#include "backend/services/access_reviews.h"
#include "backend/services/call_context.h"
#include "backend/services/object_cache.h"
#include "backend/services/object_reader.h"
#include "backend/services/write_ledger.h"

namespace howdah::services {

// What a plane is made of; all members are set. The caches need not be started.
// The caches read from the control plane, so they are declared after it and go
// first.
struct PlaneParts {
  std::unique_ptr<kubernetes::ControlPlane> control_plane;
  std::unique_ptr<ObjectCache<cnpg::Cluster>> clusters;
  std::unique_ptr<ObjectCache<cnpg::Database>> databases;
  std::unique_ptr<ObjectCache<cnpg::DatabaseRole>> database_roles;
  ReadOptions reads = {};
};

// Threads: safe. Owns: its parts.
class Plane {
 public:
  Plane(std::string context, PlaneParts parts)
      : context_(std::move(context)),
        parts_(std::move(parts)),
        default_namespace_(parts_.control_plane->default_namespace()),
        reviews_(*parts_.control_plane, net::SystemClock()),
        clusters_(*parts_.control_plane, kubernetes::kClusters,
                  *parts_.clusters, ledger_, reviews_, &cnpg::ReadCluster,
                  parts_.reads),
        databases_(*parts_.control_plane, kubernetes::kDatabases,
                   *parts_.databases, ledger_, reviews_, &cnpg::ReadDatabase,
                   parts_.reads),
        database_roles_(*parts_.control_plane, kubernetes::kDatabaseRoles,
                        *parts_.database_roles, ledger_, reviews_,
                        &cnpg::ReadDatabaseRole, parts_.reads) {}
  Plane(const Plane&) = delete;
  Plane& operator=(const Plane&) = delete;

  // Name of the kubeconfig context.
  const std::string& context() const { return context_; }
  const std::string& default_namespace() const { return default_namespace_; }

  kubernetes::ControlPlane& api() { return *parts_.control_plane; }
  WriteLedger& ledger() { return ledger_; }
  ObjectReader<cnpg::Cluster>& clusters() { return clusters_; }
  ObjectReader<cnpg::Database>& databases() { return databases_; }
  ObjectReader<cnpg::DatabaseRole>& database_roles() { return database_roles_; }

 private:
  const std::string context_;
  PlaneParts parts_;
  const std::string default_namespace_;
  WriteLedger ledger_;
  AccessReviews reviews_;
  ObjectReader<cnpg::Cluster> clusters_;
  ObjectReader<cnpg::Database> databases_;
  ObjectReader<cnpg::DatabaseRole> database_roles_;
};

// Limits of the upstream calls that serve a call.
inline kubernetes::Call UpstreamCall(const CallContext& context) {
  kubernetes::Call call;
  call.deadline = context.deadline;
  call.cancelled = context.cancelled;
  call.trace = context.trace;
  if (!context.principal.kubernetes_user.empty()) {
    call.impersonate_user = context.principal.kubernetes_user;
    call.impersonate_groups = context.principal.kubernetes_groups;
  }
  return call;
}

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_PLANE_H_

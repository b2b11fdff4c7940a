#include "backend/server/kubernetes_planes.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/cnpg/cluster.h"
#include "backend/cnpg/databases.h"
#include "backend/cnpg/roles.h"
#include "backend/kubernetes/kubeconfig.h"
#include "backend/kubernetes/rest_control_plane.h"
#include "backend/observability/log.h"
#include "backend/services/watch_cache_adapter.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::server {
namespace {

using kubernetes::Kubeconfig;
using observability::LogLevel;

kubernetes::WatchCacheOptions CacheOptions(
    const std::vector<std::string>& namespaces, const std::string& context,
    const char* what) {
  kubernetes::WatchCacheOptions options;
  options.namespaces = namespaces;
  options.on_error = [context, what](const kubernetes::ObjectKey& key,
                                     const absl::Status& error) {
    // An operator that is too old to have the type is nothing to worry about.
    const bool expected =
        support::ErrorReason(error) == "RESOURCE_TYPE_MISSING";
    observability::Log(
        expected ? LogLevel::kDebug : LogLevel::kWarning, "watch",
        {{"what", what},
         {"context", context},
         {"object", key.name.empty()
                        ? std::string()
                        : absl::StrCat(key.namespace_name, "/", key.name)},
         {"code", absl::StatusCodeToString(error.code())},
         {"error", std::string(error.message())}});
  };
  return options;
}

// Threads: safe.
class KubernetesPlanes : public services::PlaneFactory {
 public:
  explicit KubernetesPlanes(const KubernetesConfig& config) : config_(config) {}

  absl::StatusOr<Contexts> ReadContexts() override {
    ASSIGN_OR_RETURN(const Kubeconfig kubeconfig, Load());
    Contexts contexts;
    contexts.names = kubeconfig.context_names();
    contexts.current = config_.context.empty() ? kubeconfig.current_context()
                                               : config_.context;
    contexts.source = kubeconfig.source();
    return contexts;
  }

  absl::StatusOr<services::PlaneParts> Make(
      const std::string& context) override {
    ASSIGN_OR_RETURN(const Kubeconfig kubeconfig, Load());
    ASSIGN_OR_RETURN(kubernetes::Connection connection,
                     kubeconfig.Resolve(context));
    if (!config_.namespace_name.empty()) {
      connection.default_namespace = config_.namespace_name;
    }
    services::PlaneParts parts;
    parts.reads.others_write = config_.several_replicas;
    parts.control_plane =
        kubernetes::MakeRestControlPlane(std::move(connection));
    kubernetes::ControlPlane& plane = *parts.control_plane;
    parts.clusters = services::MakeObjectCache<cnpg::Cluster>(
        plane, kubernetes::kClusters, &cnpg::ReadCluster,
        CacheOptions(config_.watched_namespaces, context, "clusters"));
    parts.databases = services::MakeObjectCache<cnpg::Database>(
        plane, kubernetes::kDatabases, &cnpg::ReadDatabase,
        CacheOptions(config_.watched_namespaces, context, "databases"));
    parts.database_roles = services::MakeObjectCache<cnpg::DatabaseRole>(
        plane, kubernetes::kDatabaseRoles, &cnpg::ReadDatabaseRole,
        CacheOptions(config_.watched_namespaces, context, "database roles"));
    return parts;
  }

 private:
  absl::StatusOr<Kubeconfig> Load() const {
    return Kubeconfig::Load({.path = config_.kubeconfig},
                            kubernetes::Environment::OfProcess());
  }

  const KubernetesConfig config_;
};

}  // namespace

std::unique_ptr<services::PlaneFactory> MakeKubernetesPlanes(
    const KubernetesConfig& config) {
  return std::make_unique<KubernetesPlanes>(config);
}

}  // namespace howdah::server

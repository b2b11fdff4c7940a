// Shows clusters to the operation waiter, from the watch caches.
#ifndef HOWDAH_BACKEND_SERVICES_CLUSTER_OBSERVER_H_
#define HOWDAH_BACKEND_SERVICES_CLUSTER_OBSERVER_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "backend/cnpg/cluster.h"
#include "backend/operations/operation_waiter.h"
#include "backend/services/plane_registry.h"

namespace howdah::services {

// What the conditions need to know of a cluster; null: it does not exist.
operations::Observed ObservedCluster(const cnpg::Cluster* cluster);

// Threads: safe. Owns: nothing; the registry must outlive it.
class ClusterObserver : public operations::Observer {
 public:
  explicit ClusterObserver(PlaneRegistry& planes) : planes_(planes) {}

  absl::StatusOr<operations::Observed> Observe(
      const operations::Condition& condition) override;
  absl::StatusOr<std::shared_ptr<void>> Subscribe(
      const operations::Condition& condition,
      std::function<void()> on_change) override;

 private:
  PlaneRegistry& planes_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_CLUSTER_OBSERVER_H_

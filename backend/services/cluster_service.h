// ClusterService of howdah/postgres/v1, as plain functions.
//
// Reads come from the watch cache. Every write goes through the ledger of its
// plane, so that a later read has it. What takes long answers later, through
// the operation waiter, and holds no thread meanwhile.
#ifndef HOWDAH_BACKEND_SERVICES_CLUSTER_SERVICE_H_
#define HOWDAH_BACKEND_SERVICES_CLUSTER_SERVICE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "backend/cnpg/cluster.h"
#include "backend/operations/operation_waiter.h"
#include "backend/services/call_context.h"
#include "backend/services/plane_registry.h"
#include "howdah/postgres/v1/cluster_service.pb.h"

namespace howdah::services {

// Threads: safe. Owns: nothing; what it is given must outlive it.
class ClusterService {
 public:
  struct Options {
    // For a request without postgres_version.
    std::string default_postgres_version = "16";
    std::function<absl::Time()> now = &absl::Now;
  };

  ClusterService(PlaneRegistry& planes, operations::OperationWaiter& waiter,
                 Options options)
      : planes_(planes), waiter_(waiter), options_(std::move(options)) {}

  absl::StatusOr<postgres::v1::ListClustersResponse> ListClusters(
      const CallContext& context,
      const postgres::v1::ListClustersRequest& request);
  std::optional<absl::StatusOr<postgres::v1::ListClustersResponse>>
  ListClustersFromMemory(const CallContext& context,
                         const postgres::v1::ListClustersRequest& request);

  absl::StatusOr<postgres::v1::Cluster> GetCluster(
      const CallContext& context,
      const postgres::v1::GetClusterRequest& request);
  std::optional<absl::StatusOr<postgres::v1::Cluster>> GetClusterFromMemory(
      const CallContext& context,
      const postgres::v1::GetClusterRequest& request);
  // What GetClusterFromMemory shows to callers for whom Kubernetes is asked in
  // the server's own name; null if it cannot answer.
  std::shared_ptr<const cnpg::Cluster> ClusterInMemory(
      const postgres::v1::GetClusterRequest& request);

  // With `wait` the answer comes when the cluster is ready or time is over;
  // both are normal answers.
  void CreateCluster(const CallContext& context,
                     const postgres::v1::CreateClusterRequest& request,
                     Reply<postgres::v1::CreateClusterResponse> reply);

  absl::StatusOr<postgres::v1::ScaleClusterResponse> ScaleCluster(
      const CallContext& context,
      const postgres::v1::ScaleClusterRequest& request);

  absl::StatusOr<postgres::v1::DeleteClusterResponse> DeleteCluster(
      const CallContext& context,
      const postgres::v1::DeleteClusterRequest& request);

 private:
  absl::StatusOr<postgres::v1::CreateClusterResponse> Create(
      const CallContext& context, Plane& plane,
      const postgres::v1::CreateClusterRequest& request);
  absl::StatusOr<postgres::v1::CreateClusterResponse> AnswerForExisting(
      const CallContext& context, Plane& plane, const std::string& digest,
      const postgres::v1::CreateClusterRequest& request);
  void WaitUntilReady(const CallContext& context,
                      const postgres::v1::CreateClusterRequest& request,
                      postgres::v1::CreateClusterResponse response,
                      Reply<postgres::v1::CreateClusterResponse> reply);

  PlaneRegistry& planes_;
  operations::OperationWaiter& waiter_;
  const Options options_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_CLUSTER_SERVICE_H_

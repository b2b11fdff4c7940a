// DatabaseService of howdah/postgres/v1, as plain functions.
//
// A database is found by the cluster and name inside its Database object, never
// by the object's own name, which may be anything.
#ifndef HOWDAH_BACKEND_SERVICES_DATABASE_SERVICE_H_
#define HOWDAH_BACKEND_SERVICES_DATABASE_SERVICE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/operations/change_waiter.h"
#include "backend/services/call_context.h"
#include "backend/services/plane_registry.h"
#include "backend/services/settling.h"
#include "howdah/postgres/v1/database_service.pb.h"

namespace howdah::services {

// Threads: safe; a change answers when the operator has acted, or
// Options::settle is over, and holds no thread until then. Owns: nothing; what
// it is given must outlive it.
class DatabaseService {
 public:
  struct Options {
    // Longest wait for the operator.
    absl::Duration settle = absl::Seconds(10);
  };

  DatabaseService(PlaneRegistry& planes, operations::ChangeWaiter& waiter,
                  Options options)
      : planes_(planes), waiter_(waiter), options_(options) {}

  absl::StatusOr<postgres::v1::ListDatabasesResponse> ListDatabases(
      const CallContext& context,
      const postgres::v1::ListDatabasesRequest& request);
  void CreateDatabase(const CallContext& context,
                      const postgres::v1::CreateDatabaseRequest& request,
                      Reply<postgres::v1::CreateDatabaseResponse> reply);
  void DeleteDatabase(const CallContext& context,
                      const postgres::v1::DeleteDatabaseRequest& request,
                      Reply<postgres::v1::DeleteDatabaseResponse> reply);

 private:
  using DatabasePointer = std::shared_ptr<const cnpg::Database>;

  // The plane and cluster that a call is about.
  struct Target {
    Plane* plane = nullptr;
    kubernetes::ObjectKey cluster_key;
    std::shared_ptr<const cnpg::Cluster> cluster;
    kubernetes::Call call;
  };

  absl::StatusOr<Settling<postgres::v1::CreateDatabaseResponse>> BeginCreate(
      const CallContext& context,
      const postgres::v1::CreateDatabaseRequest& request);
  absl::StatusOr<Settling<postgres::v1::DeleteDatabaseResponse>> BeginDelete(
      const CallContext& context,
      const postgres::v1::DeleteDatabaseRequest& request);

  // With `fresh` the cluster is read directly.
  template <typename Request>
  absl::StatusOr<Target> FindTarget(const CallContext& context,
                                    const Request& request, bool fresh);
  // Null if no object declares the database.
  absl::StatusOr<DatabasePointer> FindDatabase(const Target& target,
                                               const std::string& database);
  // The object with its name, made or already there.
  absl::StatusOr<DatabasePointer> Declare(
      const Target& target, const postgres::v1::CreateDatabaseRequest& request,
      postgres::v1::CreateDatabaseResponse& response);
  // The database after the wait for the operator.
  Settling<DatabasePointer> Settle(const Target& target,
                                   const cnpg::Database& declared);
  // True when the object is gone.
  Settling<bool> AwaitDeletion(const Target& target,
                               const DatabasePointer& database);

  PlaneRegistry& planes_;
  operations::ChangeWaiter& waiter_;
  const Options options_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_DATABASE_SERVICE_H_

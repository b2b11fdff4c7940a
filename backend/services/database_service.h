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
#include "backend/services/call_context.h"
#include "backend/services/plane_registry.h"
#include "howdah/postgres/v1/database_service.pb.h"

namespace howdah::services {

// Threads: safe; a change holds its thread until the operator has answered, or
// Options::settle is over. Owns: nothing; the registry must outlive it.
class DatabaseService {
 public:
  struct Options {
    // Longest wait for the operator.
    absl::Duration settle = absl::Seconds(10);
  };

  DatabaseService(PlaneRegistry& planes, Options options)
      : planes_(planes), options_(options) {}

  absl::StatusOr<postgres::v1::ListDatabasesResponse> ListDatabases(
      const CallContext& context,
      const postgres::v1::ListDatabasesRequest& request);
  absl::StatusOr<postgres::v1::CreateDatabaseResponse> CreateDatabase(
      const CallContext& context,
      const postgres::v1::CreateDatabaseRequest& request);
  absl::StatusOr<postgres::v1::DeleteDatabaseResponse> DeleteDatabase(
      const CallContext& context,
      const postgres::v1::DeleteDatabaseRequest& request);

 private:
  using DatabasePointer = std::shared_ptr<const cnpg::Database>;

  // The plane and cluster that a call is about.
  struct Target {
    Plane* plane = nullptr;
    kubernetes::ObjectKey cluster_key;
    std::shared_ptr<const cnpg::Cluster> cluster;
    kubernetes::Call call;
  };

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
  absl::StatusOr<DatabasePointer> Settle(const Target& target,
                                         DatabasePointer declared);
  // True when the object is gone.
  absl::StatusOr<bool> AwaitDeletion(const Target& target,
                                     const cnpg::Database& database);

  PlaneRegistry& planes_;
  const Options options_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_DATABASE_SERVICE_H_

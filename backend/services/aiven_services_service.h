// ServicesService of howdah/aiven/v1, as plain functions.
#ifndef HOWDAH_BACKEND_SERVICES_AIVEN_SERVICES_SERVICE_H_
#define HOWDAH_BACKEND_SERVICES_AIVEN_SERVICES_SERVICE_H_

#include "absl/status/statusor.h"
#include "backend/aiven/accounts.h"
#include "backend/services/aiven_answers.h"
#include "backend/services/call_context.h"
#include "backend/sql/postgres_catalog.h"
#include "howdah/aiven/v1/services_service.pb.h"

namespace howdah::services {

// Threads: safe. Owns: nothing; what it is given must outlive it.
class AivenServicesService {
 public:
  AivenServicesService(const aiven::Accounts& accounts,
                       sql::CatalogReader& catalogs)
      : accounts_(accounts), catalogs_(catalogs) {}

  absl::StatusOr<aiven::v1::ListServicesResponse> ListServices(
      const CallContext& context,
      const aiven::v1::ListServicesRequest& request);
  absl::StatusOr<aiven::v1::GetServiceResponse> GetService(
      const CallContext& context, const aiven::v1::GetServiceRequest& request);
  // The credentials are fetched here and go to PostgreSQL only.
  absl::StatusOr<aiven::v1::ListServiceSchemasResponse> ListServiceSchemas(
      const CallContext& context,
      const aiven::v1::ListServiceSchemasRequest& request);
  absl::StatusOr<aiven::v1::GetServiceLogsResponse> GetServiceLogs(
      const CallContext& context,
      const aiven::v1::GetServiceLogsRequest& request);
  absl::StatusOr<aiven::v1::GetServiceMetricsResponse> GetServiceMetrics(
      const CallContext& context,
      const aiven::v1::GetServiceMetricsRequest& request);

 private:
  // Where the database of a service is, with its secrets.
  absl::StatusOr<sql::ConnectionTarget> TargetOf(
      aiven::Account& account, const aiven::ServiceKey& key,
      const aiven::ReadOptions& options, AivenSources& sources);

  const aiven::Accounts& accounts_;
  sql::CatalogReader& catalogs_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_AIVEN_SERVICES_SERVICE_H_

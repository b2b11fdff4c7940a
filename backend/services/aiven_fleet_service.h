// FleetService of howdah/aiven/v1, as plain functions.
//
// Questions over all projects: read in parallel as far as the rate limit
// allows, answered by pure functions (backend/aiven/fleet_query.h,
// measurement.h). What could not be read is named in the answer; the answer
// fails only if nothing could be read.
#ifndef HOWDAH_BACKEND_SERVICES_AIVEN_FLEET_SERVICE_H_
#define HOWDAH_BACKEND_SERVICES_AIVEN_FLEET_SERVICE_H_

#include "absl/status/statusor.h"
#include "backend/aiven/accounts.h"
#include "backend/services/call_context.h"
#include "howdah/aiven/v1/fleet_service.pb.h"

namespace howdah::services {

// Threads: safe. Owns: nothing; the accounts must outlive it.
class AivenFleetService {
 public:
  explicit AivenFleetService(const aiven::Accounts& accounts)
      : accounts_(accounts) {}

  absl::StatusOr<aiven::v1::QueryServicesResponse> QueryServices(
      const CallContext& context,
      const aiven::v1::QueryServicesRequest& request);
  absl::StatusOr<aiven::v1::RankServicesResponse> RankServices(
      const CallContext& context,
      const aiven::v1::RankServicesRequest& request);

 private:
  const aiven::Accounts& accounts_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_AIVEN_FLEET_SERVICE_H_

// ProjectsService of howdah/aiven/v1, as plain functions.
#ifndef HOWDAH_BACKEND_SERVICES_AIVEN_PROJECTS_SERVICE_H_
#define HOWDAH_BACKEND_SERVICES_AIVEN_PROJECTS_SERVICE_H_

#include "absl/status/statusor.h"
#include "backend/aiven/accounts.h"
#include "backend/services/call_context.h"
#include "howdah/aiven/v1/projects_service.pb.h"

namespace howdah::services {

// Threads: safe. Owns: nothing; the accounts must outlive it.
class AivenProjectsService {
 public:
  explicit AivenProjectsService(const aiven::Accounts& accounts)
      : accounts_(accounts) {}

  absl::StatusOr<aiven::v1::ListProjectsResponse> ListProjects(
      const CallContext& context,
      const aiven::v1::ListProjectsRequest& request);
  absl::StatusOr<aiven::v1::ListProjectEventsResponse> ListProjectEvents(
      const CallContext& context,
      const aiven::v1::ListProjectEventsRequest& request);

 private:
  const aiven::Accounts& accounts_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_AIVEN_PROJECTS_SERVICE_H_

// AWS as one plane: the CLI, what may run of it, and the service on it.
//
//   ASSIGN_OR_RETURN(const auto aws, AwsPlane::Make(config));
//   registry.Bind("howdah.aws.v1.AwsService", aws->service());
//
// Nothing is started or looked for before the first call needs it, but a file
// of rules is read at once: one that is wrong is no rules. What killed servers
// left of their private folders is removed at once too.
#ifndef HOWDAH_BACKEND_SERVER_AWS_PLANE_H_
#define HOWDAH_BACKEND_SERVER_AWS_PLANE_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "backend/aws/policy.h"
#include "backend/aws/runner/cli_runner.h"
#include "backend/aws/runner/identity_cache.h"
#include "backend/aws/runner/installed_cli.h"
#include "backend/process/program_pool.h"
#include "backend/server/config.h"
#include "backend/services/aws_service.h"

namespace howdah::server {

// Threads: safe. Owns: all parts, and the commands that run; destroying ends
// them.
class AwsPlane {
 public:
  // POLICY_INVALID
  static absl::StatusOr<std::unique_ptr<AwsPlane>> Make(const Config& config);

  ~AwsPlane() { pool_.reset(); }
  AwsPlane(const AwsPlane&) = delete;
  AwsPlane& operator=(const AwsPlane&) = delete;

  services::AwsService& service() { return service_; }

 private:
  AwsPlane(const Config& config, aws::Policy policy);

  const aws::Policy policy_;
  // Ended by the destructor, while those that it tells are still there.
  std::unique_ptr<process::ProgramPool> pool_;
  aws::runner::CliRunner runner_;
  aws::runner::InstalledCli cli_;
  aws::runner::IdentityCache identities_;
  services::AwsService service_;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_AWS_PLANE_H_

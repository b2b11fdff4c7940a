// AwsService of howdah/aws/v1, as plain functions.
//
// A command is parsed, classed and held against the operator's rules
// (backend/aws) before anything runs; then it runs by itself
// (backend/aws/runner), and no thread waits for it. Before a change AWS is
// asked who would act, for the audit line and the answer.
#ifndef HOWDAH_BACKEND_SERVICES_AWS_SERVICE_H_
#define HOWDAH_BACKEND_SERVICES_AWS_SERVICE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/auth/policy.h"
#include "backend/aws/classifier.h"
#include "backend/aws/command_line.h"
#include "backend/aws/policy.h"
#include "backend/aws/runner/cli_runner.h"
#include "backend/aws/runner/identity_cache.h"
#include "backend/aws/runner/installed_cli.h"
#include "backend/aws/runner/jmespath.h"
#include "backend/services/call_context.h"
#include "howdah/aws/v1/aws_service.pb.h"

namespace howdah::services {

struct AwsServiceOptions {
  // What tokens' scopes are called.
  auth::PolicyOptions access = {};
  // How long a command may go on when the server ends.
  absl::Duration grace = absl::ZeroDuration();
};

// Threads: safe; a running command holds no thread. Owns: nothing; what it is
// given must outlive it.
class AwsService {
 public:
  AwsService(aws::runner::CliSource& cli, aws::runner::CliRunner& runner,
             aws::runner::IdentityCache& identities, const aws::Policy& policy,
             AwsServiceOptions options)
      : cli_(cli),
        runner_(runner),
        identities_(identities),
        policy_(policy),
        options_(std::move(options)) {}

  void ExecuteReadCommand(
      const CallContext& context,
      const howdah::aws::v1::ExecuteReadCommandRequest& request,
      Reply<howdah::aws::v1::ExecuteReadCommandResponse> reply);
  void ExecuteWriteCommand(
      const CallContext& context,
      const howdah::aws::v1::ExecuteWriteCommandRequest& request,
      Reply<howdah::aws::v1::ExecuteWriteCommandResponse> reply);
  absl::StatusOr<howdah::aws::v1::ListProfilesResponse> ListProfiles(
      const CallContext& context,
      const howdah::aws::v1::ListProfilesRequest& request);
  absl::StatusOr<howdah::aws::v1::ExplainCommandResponse> ExplainCommand(
      const CallContext& context,
      const howdah::aws::v1::ExplainCommandRequest& request);
  void GetIdentity(const CallContext& context,
                   const howdah::aws::v1::GetIdentityRequest& request,
                   Reply<howdah::aws::v1::Identity> reply);

 private:
  // A command that may run.
  struct Allowed {
    aws::runner::FoundCli cli;
    aws::ParsedCommand parsed;
    aws::Classification what;
    aws::Decision decision;
    std::optional<aws::runner::JmesPath> query;
  };

  absl::StatusOr<Allowed> Allow(const CallContext& context, aws::Tool tool,
                                const aws::CommandRequest& request);
  // What reveals a secret needs the caller's scope for that, too.
  absl::Status AllowSecrets(const CallContext& context,
                            const aws::ParsedCommand& parsed) const;
  // Puts in what the server has for a call that names none, and refuses a
  // profile that does not exist.
  absl::Status FillTarget(std::string& profile, std::string& region) const;
  // Runs it, then `done` on the executor with how it ended.
  void Run(const CallContext& context, const Allowed& allowed, bool read,
           std::function<void(absl::StatusOr<aws::runner::CliOutput>)> done);
  void RunWrite(const CallContext& context,
                std::shared_ptr<const Allowed> allowed,
                howdah::aws::v1::ExecuteWriteCommandResponse response,
                Reply<howdah::aws::v1::ExecuteWriteCommandResponse> reply);

  aws::runner::CliSource& cli_;
  aws::runner::CliRunner& runner_;
  aws::runner::IdentityCache& identities_;
  const aws::Policy& policy_;
  const AwsServiceOptions options_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_AWS_SERVICE_H_

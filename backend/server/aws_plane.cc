#include "backend/server/aws_plane.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "proto/support/status_macros.h"

namespace howdah::server {
namespace {

std::string Variable(const AwsConfig& config, const char* name) {
  const auto found = config.environment.find(name);
  return found == config.environment.end() ? "" : found->second;
}

std::string CacheDirectory(const AwsConfig& config) {
  if (!config.cache_directory.empty()) return config.cache_directory;
  const std::string home = Variable(config, "HOME");
  return absl::StrCat(home.empty() ? "/tmp" : home, "/.cache/howdah/aws");
}

// What is left of the drain is for the answers about what was stopped.
absl::Duration Grace(absl::Duration drain_timeout) {
  constexpr absl::Duration kToAnswer = absl::Seconds(3);
  return drain_timeout - std::min(kToAnswer, drain_timeout / 2);
}

}  // namespace

absl::StatusOr<std::unique_ptr<AwsPlane>> AwsPlane::Make(const Config& config) {
  aws::Policy policy;
  if (!config.aws.policy_file.empty()) {
    ASSIGN_OR_RETURN(policy, aws::Policy::Load(config.aws.policy_file));
  }
  return std::unique_ptr<AwsPlane>(new AwsPlane(config, std::move(policy)));
}

AwsPlane::AwsPlane(const Config& config, aws::Policy policy)
    : policy_(std::move(policy)),
      pool_(std::make_unique<process::ProgramPool>(process::ProgramPoolOptions{
          .most_running = config.aws.most_running,
          .most_waiting = config.aws.most_waiting})),
      runner_({.environment = config.aws.environment,
               .endpoint_url = config.aws.endpoint_url},
              *pool_),
      cli_({.name = config.aws.cli,
            .path = Variable(config.aws, "PATH"),
            .cache_directory = CacheDirectory(config.aws)},
           *pool_),
      identities_(runner_),
      service_(cli_, runner_, identities_, policy_,
               {.access = config.server.policy,
                .grace = Grace(config.drain_timeout)}) {}

}  // namespace howdah::server

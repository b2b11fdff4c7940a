#include "backend/server/aws_plane.h"

#include <string>

#include "absl/strings/str_cat.h"
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

}  // namespace

absl::StatusOr<std::unique_ptr<AwsPlane>> AwsPlane::Make(
    const AwsConfig& config) {
  aws::Policy policy;
  if (!config.policy_file.empty()) {
    ASSIGN_OR_RETURN(policy, aws::Policy::Load(config.policy_file));
  }
  return std::unique_ptr<AwsPlane>(new AwsPlane(config, std::move(policy)));
}

AwsPlane::AwsPlane(const AwsConfig& config, aws::Policy policy)
    : policy_(std::move(policy)),
      pool_(std::make_unique<process::ProgramPool>(
          process::ProgramPoolOptions{.most_running = config.most_running,
                                      .most_waiting = config.most_waiting})),
      runner_({.environment = config.environment,
               .endpoint_url = config.endpoint_url},
              *pool_),
      cli_({.name = config.cli,
            .path = Variable(config, "PATH"),
            .cache_directory = CacheDirectory(config)},
           *pool_),
      identities_(runner_),
      service_(cli_, runner_, identities_, policy_) {}

}  // namespace howdah::server

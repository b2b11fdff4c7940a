// The configuration of the AWS CLI: config and credentials file, as far as it
// may be used here.
//
//   const CliConfig config = CliConfig::Parse(config_text, credentials_text);
//   config.Find("prod")->region
//   config.safe_config()   // what the CLI is given instead of the file
//
// The files belong to the operator, but not all in them is about who acts and
// where: plug-ins are imported, endpoints redirect signed requests, output
// settings break ours. Only sections and keys on a list are passed on.
#ifndef HOWDAH_BACKEND_AWS_RUNNER_CLI_CONFIG_H_
#define HOWDAH_BACKEND_AWS_RUNNER_CLI_CONFIG_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::aws::runner {

enum class CredentialKind {
  kNone,  // the environment, the container or the machine
  kAccessKey,
  kSession,  // access key with a session token
  kSso,
  kAssumeRole,
  kWebIdentity,
  kProcess,
};

struct CliProfile {
  std::string name;
  std::string region;
  CredentialKind credentials = CredentialKind::kNone;
  std::string role_arn;
  std::string source_profile;
  std::string account;
};

// Threads: a value.
class CliConfig {
 public:
  static CliConfig Parse(absl::string_view config,
                         absl::string_view credentials);

  // By name.
  const std::vector<CliProfile>& profiles() const { return profiles_; }
  // Null if there is none.
  const CliProfile* Find(absl::string_view name) const;

  // The texts without what may not be passed on, and without comments.
  const std::string& safe_config() const { return safe_config_; }
  const std::string& safe_credentials() const { return safe_credentials_; }
  // Nothing in the credentials file has to be kept back.
  bool credentials_may_pass() const { return credentials_may_pass_; }

 private:
  std::vector<CliProfile> profiles_;
  std::string safe_config_;
  std::string safe_credentials_;
  bool credentials_may_pass_ = true;
};

}  // namespace howdah::aws::runner

#endif  // HOWDAH_BACKEND_AWS_RUNNER_CLI_CONFIG_H_

// Which Aiven accounts this server has, as the environment says.
//
//   AIVEN_TOKEN=…            or AIVEN_TOKEN_FILE=/run/secrets/aiven
//   AIVEN_PROJECT_NAME=demo  the project of calls that name none
//   AIVEN_BASE_URL=…         default: the public API
//   AIVEN_ACCOUNTS=staging,eu
//   AIVEN_STAGING_TOKEN_FILE=…   and so on: the same for each of these names
//
// The account of the first three lines is called "default".
#ifndef HOWDAH_BACKEND_AIVEN_ACCOUNT_SETTINGS_H_
#define HOWDAH_BACKEND_AIVEN_ACCOUNT_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/support/environment.h"

namespace howdah::aiven {

inline constexpr char kPublicApi[] = "https://api.aiven.io/v1";

// Threads: a value.
struct AccountSettings {
  std::string name = {};
  // With its version, without a slash at the end.
  std::string base_url = kPublicApi;
  // One of both.
  std::string token = {};
  std::string token_file = {};
  // Empty: calls have to name one.
  std::string default_project = {};
};

// Empty if there is none. INVALID_ARGUMENT with reason BAD_AIVEN_SETTING names
// the variable that is wrong.
absl::StatusOr<std::vector<AccountSettings>> ReadAccountSettings(
    const support::EnvironmentOf& environment);

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_ACCOUNT_SETTINGS_H_

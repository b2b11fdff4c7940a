// .env files: NAME=value, a line each.
//
//   # comment
//   AIVEN_PROJECT_NAME=demo
//   export AIVEN_TOKEN='as it stands'
//   GREETING="with \\n, \\t, \\\\, \\\" and \\$"
//
// Shells, docker and the many dotenv libraries read the rest of the format each
// in its own way, so what they disagree on is refused, with the line: expansion
// of $NAME, commands in backticks, values over several lines, text after a
// closing quote, a name twice.
#ifndef HOWDAH_PROTO_SUPPORT_ENV_FILE_H_
#define HOWDAH_PROTO_SUPPORT_ENV_FILE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::support {

// Name and value, in the order of the file. INVALID_ARGUMENT with reason
// BAD_ENV_FILE names the line; values are never told, they may be secrets.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseEnvFile(
    absl::string_view text, absl::string_view path);

// Sets the variables of all files that --env-file names among these arguments,
// up to "--"; what is set already, if only as empty, by the environment or an
// earlier file, stays. To be called before there are threads.
absl::Status LoadEnvFiles(const std::vector<std::string>& arguments);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_ENV_FILE_H_

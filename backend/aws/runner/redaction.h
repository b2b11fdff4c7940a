// Takes secrets out of what AWS answers, before anybody sees it, a query
// included.
//
//   std::vector<std::string> where = RedactResult(result, {"Parameter.Value"});
//   RedactText("postgres://app:pw@db")   // "postgres://app:[redacted]@db"
//
// Three lines of defence: members that the service's model calls sensitive;
// members and settings whose name says secret ("SecretString", DB_PASSWORD in
// an environment); and texts that look like one (private keys, tokens, signed
// URLs), wherever they stand. The last two are best effort: what people hide in
// descriptions and scripts nobody can know.
#ifndef HOWDAH_BACKEND_AWS_RUNNER_REDACTION_H_
#define HOWDAH_BACKEND_AWS_RUNNER_REDACTION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::aws::runner {

inline constexpr absl::string_view kRedacted = "[redacted]";

// `sensitive` as in Command::sensitive_output: "Credentials.SecretKey",
// "Items[].Value", "Map{}.Value". Returns where something was taken out, each
// once, in the same form.
std::vector<std::string> RedactResult(
    nlohmann::json& result, const std::vector<std::string>& sensitive);

// Only what looks like a secret is taken out.
std::string RedactText(absl::string_view text);

// Whether a setting of this name holds a secret: "DB_PASSWORD".
bool IsSecretName(absl::string_view name);

}  // namespace howdah::aws::runner

#endif  // HOWDAH_BACKEND_AWS_RUNNER_REDACTION_H_

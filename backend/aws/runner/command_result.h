// What a command printed, as something to show: JSON where it is JSON, without
// secrets, then narrowed by the caller's query, then short enough.
//
//   CommandResult result = MakeResult(
//       output, {.sensitive = command.sensitive_output, .query = query});
#ifndef HOWDAH_BACKEND_AWS_RUNNER_COMMAND_RESULT_H_
#define HOWDAH_BACKEND_AWS_RUNNER_COMMAND_RESULT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "backend/aws/runner/cli_runner.h"
#include "backend/aws/runner/jmespath.h"
#include "nlohmann/json.hpp"

namespace howdah::aws::runner {

struct ResultRules {
  std::vector<std::string> sensitive = {};
  // An operator's rule reveals what the command returns.
  bool reveal = false;
  std::optional<JmesPath> query = std::nullopt;
  // Longest result, in bytes of JSON or text.
  size_t most_bytes = size_t{512} << 10;
};

struct CommandResult {
  std::optional<nlohmann::json> value;
  std::string text;  // what is no JSON
  std::vector<std::string> redacted;
  // Why the query gave nothing. What the command did is done all the same.
  absl::Status query_status;
  // One sentence on what is missing and how to get it; empty if nothing is.
  std::string truncated;
};

CommandResult MakeResult(const CliOutput& output, const ResultRules& rules);

}  // namespace howdah::aws::runner

#endif  // HOWDAH_BACKEND_AWS_RUNNER_COMMAND_RESULT_H_

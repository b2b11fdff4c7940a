#include "backend/aws/canonical_arguments.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "backend/aws/errors.h"
#include "backend/aws/global_options.h"
#include "backend/aws/json_value.h"
#include "proto/support/status_macros.h"

namespace howdah::aws {
namespace {

using nlohmann::json;

bool IsUrl(absl::string_view value) {
  return absl::StartsWithIgnoreCase(value, "http://") ||
         absl::StartsWithIgnoreCase(value, "https://");
}

// Moves what must not be on the command line; false if it stays there.
absl::StatusOr<bool> MoveToInput(const Command& command, bool fetches_urls,
                                 const Argument& argument, json& input) {
  const Option& option = *argument.option;
  const bool is_url =
      fetches_urls && argument.values.size() == 1 && IsUrl(argument.values[0]);
  const bool is_hidden =
      !option.positional && HidesBehindGlobalOption(option.name);
  // argparse drops this word, wherever it stands.
  const bool is_dropped =
      std::count(argument.values.begin(), argument.values.end(), "--") > 0;
  if (!is_url && !is_hidden && !is_dropped && !option.sensitive) return false;
  const bool takes_json = command.FindOption("--cli-input-json") != nullptr;
  std::optional<json> value;
  if (!option.member.empty() && takes_json && argument.values.size() == 1) {
    if (option.type == "string") {
      value = argument.values[0];
    } else if (option.IsNumeric() ||
               (option.IsStructured() && IsJsonText(argument.values[0]))) {
      value = ParseJsonValue(argument.values[0]);
    }
  }
  if (value.has_value()) {
    input[option.member] = *std::move(value);
    return true;
  }
  if (is_url) return UrlRefused(option.name);
  if (is_hidden || is_dropped) {
    return CommandInvalid(
        command.Name(),
        absl::StrCat("the AWS CLI does not pass this ", option.name,
                     " on; use --cli-input-json."));
  }
  return false;
}

}  // namespace

absl::Status SetCanonicalArguments(bool fetches_urls,
                                   const std::vector<std::string>& globals,
                                   ParsedCommand& parsed) {
  const Command& command = *parsed.command;
  std::vector<std::string>& argv = parsed.argv;
  argv.push_back(command.service);
  argv.insert(argv.end(), command.path.begin(), command.path.end());
  for (const Argument& argument : parsed.arguments) {
    if (!argument.option->positional) continue;
    argv.insert(argv.end(), argument.values.begin(), argument.values.end());
  }
  json input = parsed.input;
  for (const Argument& argument : parsed.arguments) {
    const Option& option = *argument.option;
    ASSIGN_OR_RETURN(const bool moved,
                     MoveToInput(command, fetches_urls, argument, input));
    if (moved || option.positional) continue;
    const bool joins = argument.values.size() == 1 &&
                       (absl::StartsWith(argument.values[0], "-") ||
                        argument.values[0].empty());
    if (joins) {
      argv.push_back(absl::StrCat(option.name, "=", argument.values[0]));
      continue;
    }
    argv.push_back(option.name);
    argv.insert(argv.end(), argument.values.begin(), argument.values.end());
  }
  argv.insert(argv.end(), globals.begin(), globals.end());
  if (!input.empty()) parsed.input_json = DumpJson(input);
  return absl::OkStatus();
}

}  // namespace howdah::aws

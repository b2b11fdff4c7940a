// A command that was understood: what it sets, and what to run for it.
//
//   parsed.Find("--instance-ids")->values
//   parsed.IsOn("DryRun")
//   // run: aws + parsed.argv [+ --cli-input-json parsed.input_json]
//   //      + the server's own global options
//
// Made by command_line.h.
#ifndef HOWDAH_BACKEND_AWS_PARSED_COMMAND_H_
#define HOWDAH_BACKEND_AWS_PARSED_COMMAND_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "backend/aws/command_index.h"
#include "nlohmann/json.hpp"

namespace howdah::aws {

struct Argument {
  const Option* option = nullptr;
  std::vector<std::string> values = {};
};

struct ParsedCommand {
  std::shared_ptr<const ServiceCommands> service;  // holds `command`
  const Command* command = nullptr;
  std::vector<Argument> arguments;  // in the order of the command
  // Of --cli-input-json; an object.
  nlohmann::json input = nlohmann::json::object();

  // What to run: service, command and options, without the program and without
  // the server's global options.
  std::vector<std::string> argv;
  // Members of the input that must not be on a command line, since they are
  // sensitive or the CLI would fetch them, and those of --cli-input-json.
  // Empty, or a JSON object for --cli-input-json, best from a private file.
  std::string input_json;
  // Bare names of files that the CLI writes into its working directory.
  std::vector<std::string> output_files;

  std::string query;    // JMESPath; applied by us, after redaction
  std::string profile;  // empty: the default
  std::string region;   // empty: that of the profile
  // --generate-cli-skeleton: prints a form, calls nothing.
  bool only_skeleton = false;

  // The argument of an option; null if it was not given.
  const Argument* Find(absl::string_view option) const;
  // Whether a member of the input is set, by option or by --cli-input-json.
  bool SetsMember(absl::string_view member) const;
  // The value of a member as text; empty if not set.
  std::string MemberText(absl::string_view member) const;
  // Whether a switch or boolean member is on.
  bool IsOn(absl::string_view member) const;
  // argv and input_json for people, dry runs and audit, one argument each;
  // values that the model calls sensitive are "[redacted]".
  std::vector<std::string> DisplayArguments() const;
};

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_PARSED_COMMAND_H_

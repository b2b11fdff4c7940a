// One command for the AWS CLI, understood strictly and put together anew.
//
//   ASSIGN_OR_RETURN(ParsedCommand parsed,
//                    ParseCommand(*index, {.command = "ec2 describe-instances "
//                                          "--instance-ids i-1"}));
//   // run: aws + parsed.argv [+ --cli-input-json parsed.input_json]
//   //      + the server's own global options
//
// Names of commands and options are taken exactly, no option twice. What would
// read or write a file of the server, fetch a URL or send the request somewhere
// else is refused here, for every command. Global options are the server's:
// --profile, --region and --query are taken out, the rest is dropped where it
// changes nothing (--output json, --no-cli-pager) and refused where it does.
#ifndef HOWDAH_BACKEND_AWS_COMMAND_LINE_H_
#define HOWDAH_BACKEND_AWS_COMMAND_LINE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/aws/command_index.h"
#include "nlohmann/json.hpp"

namespace howdah::aws {

struct CommandRequest {
  std::string command;  // with or without the leading "aws"
  std::string profile = {};
  std::string region = {};
};

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

// INVALID_ARGUMENT with one of the reasons in errors.h.
absl::StatusOr<ParsedCommand> ParseCommand(const CommandIndex& index,
                                           const CommandRequest& request);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_COMMAND_LINE_H_

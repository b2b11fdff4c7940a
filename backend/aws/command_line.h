// One command for the AWS CLI, understood strictly and put together anew.
//
//   ASSIGN_OR_RETURN(ParsedCommand parsed,
//                    ParseCommand(*index, {.command = "ec2 describe-instances "
//                                          "--instance-ids i-1"}));
//
// Names of commands and options are taken exactly, no option twice. What would
// read or write a file of the server, fetch a URL or send the request somewhere
// else is refused here, for every command. Global options are the server's:
// --profile, --region and --query are taken out, the rest is dropped where it
// changes nothing (--output json, --no-cli-pager) and refused where it does.
#ifndef HOWDAH_BACKEND_AWS_COMMAND_LINE_H_
#define HOWDAH_BACKEND_AWS_COMMAND_LINE_H_

#include <string>

#include "absl/status/statusor.h"
#include "backend/aws/command_index.h"
#include "backend/aws/parsed_command.h"

namespace howdah::aws {

struct CommandRequest {
  std::string command;  // with or without the leading "aws"
  std::string profile = {};
  std::string region = {};
  // For a command that has such a member and does not set it; see
  // client_token.h.
  std::string client_token = {};
};

// INVALID_ARGUMENT with one of the reasons in errors.h.
absl::StatusOr<ParsedCommand> ParseCommand(const CommandIndex& index,
                                           const CommandRequest& request);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_COMMAND_LINE_H_

#include "backend/aws/errors.h"

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::aws {
namespace {

using absl::StatusCode;
using absl::StrCat;
using support::ErrorBuilder;
using support::kAwsDomain;

// An error about the text of the request's `command`.
ErrorBuilder BadCommand(absl::string_view reason, absl::string_view message) {
  return ErrorBuilder(StatusCode::kInvalidArgument, reason, kAwsDomain)
      .Message(message)
      .Field("command", message);
}

ErrorBuilder Refused(absl::string_view reason, absl::string_view message) {
  return ErrorBuilder(StatusCode::kPermissionDenied, reason, kAwsDomain)
      .Message(message);
}

}  // namespace

absl::Status ShellSyntax(absl::string_view what, absl::string_view would) {
  return BadCommand("SHELL_SYNTAX",
                    StrCat("The command is not run by a shell: ", what, " ",
                           would, "."))
      .With("character", what)
      .Build();
}

absl::Status CommandTooLong(absl::string_view limit) {
  return BadCommand("COMMAND_TOO_LONG", StrCat("The command has ", limit, "."))
      .Build();
}

absl::Status CommandUnknown(absl::string_view command, absl::string_view kind,
                            absl::string_view nearest) {
  return BadCommand("COMMAND_UNKNOWN",
                    StrCat("The installed AWS CLI has no ", kind, " \"",
                           command, "\"; names are taken exactly",
                           nearest.empty()
                               ? ""
                               : StrCat(". Did you mean \"", nearest, "\"?"),
                           nearest.empty() ? "." : ""))
      .With("command", command)
      .With("nearest", nearest)
      .Build();
}

absl::Status CommandInvalid(absl::string_view command,
                            absl::string_view problem) {
  return BadCommand("COMMAND_INVALID",
                    StrCat("\"", command, "\" is not called so: ", problem))
      .With("command", command)
      .Build();
}

absl::Status OptionRefused(absl::string_view option,
                           absl::string_view problem) {
  return BadCommand("OPTION_REFUSED",
                    StrCat(option, " is not taken: ", problem))
      .With("option", option)
      .Build();
}

absl::Status LocalFileRefused(absl::string_view option,
                              absl::string_view problem) {
  return BadCommand(
             "LOCAL_FILE_REFUSED",
             StrCat(option, " would touch a file of the server: ", problem))
      .With("option", option)
      .Build();
}

absl::Status UrlRefused(absl::string_view option) {
  return BadCommand("URL_REFUSED",
                    StrCat(option,
                           " would make the AWS CLI fetch the URL and use what "
                           "it gets; only the members of --cli-input-json may "
                           "be URLs here"))
      .With("option", option)
      .Build();
}

absl::Status CommandForbidden(absl::string_view command,
                              absl::string_view reason) {
  return Refused("COMMAND_FORBIDDEN",
                 StrCat("\"", command, "\" is never run here: ", reason, "."))
      .With("command", command)
      .Build();
}

absl::Status NotARead(absl::string_view command, absl::string_view what) {
  return Refused("NOT_A_READ",
                 StrCat("\"", command, "\" is not a proven read (", what,
                        "); call execute_aws_write_command for it."))
      .With("command", command)
      .With("tool", "execute_aws_write_command")
      .Build();
}

absl::Status SecretsNotAllowed(absl::string_view command,
                               absl::string_view reason) {
  return Refused("SECRETS_NOT_ALLOWED",
                 StrCat("\"", command, "\" returns secrets (", reason,
                        "); it needs a rule of the operator with "
                        "\"reveal: [secrets]\"."))
      .With("command", command)
      .Build();
}

absl::Status DataNotAllowed(absl::string_view command,
                            absl::string_view reason) {
  return Refused("DATA_NOT_ALLOWED",
                 StrCat("\"", command, "\" returns stored data (", reason,
                        "); it needs a rule of the operator with "
                        "\"reveal: [data]\"."))
      .With("command", command)
      .Build();
}

absl::Status PolicyDenied(absl::string_view command, absl::string_view rule) {
  return Refused("POLICY_DENIED",
                 StrCat("\"", command, "\" is denied by the operator's rule \"",
                        rule, "\"."))
      .With("command", command)
      .With("rule", rule)
      .Build();
}

absl::Status ProfileNotAllowed(absl::string_view profile) {
  return Refused("PROFILE_NOT_ALLOWED",
                 StrCat("The profile \"", profile,
                        "\" may not be used here; list_aws_profiles shows "
                        "those that may."))
      .With("profile", profile)
      .Build();
}

absl::Status RegionNotAllowed(absl::string_view region) {
  return Refused("REGION_NOT_ALLOWED",
                 StrCat("The region \"", region,
                        "\" is not among those that the operator allows."))
      .With("region", region)
      .Build();
}

absl::Status PolicyInvalid(absl::string_view place, absl::string_view problem) {
  return ErrorBuilder(StatusCode::kInvalidArgument, "POLICY_INVALID",
                      kAwsDomain)
      .Message(StrCat(place, ": ", problem))
      .With("place", place)
      .Build();
}

absl::Status ProfileUnknown(absl::string_view profile) {
  const std::string message =
      StrCat("The AWS configuration has no profile \"", profile,
             "\"; list_aws_profiles shows those that it has.");
  return ErrorBuilder(StatusCode::kNotFound, "PROFILE_UNKNOWN", kAwsDomain)
      .Message(message)
      .With("profile", profile)
      .Resource("AwsProfile", profile)
      .Build();
}

absl::Status ConfirmationRequired(absl::string_view command,
                                  absl::string_view effect) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "CONFIRMATION_REQUIRED",
                      kAwsDomain)
      .Message(StrCat("Nothing was done: ", command, " needs a confirmation. ",
                      effect,
                      " dry_run=true shows exactly what would run, as whom and "
                      "where. Ask the user, then repeat the call with "
                      "confirm=true."))
      .With("command", command)
      .Precondition("CONFIRMATION", "confirm",
                    "must be true for a command that destroys or runs code")
      .Build();
}

absl::Status CliMissing(absl::string_view program) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "CLI_MISSING",
                      kAwsDomain)
      .Message(StrCat("There is no AWS CLI (\"", program,
                      "\" was looked for). Install it on the machine of "
                      "howdah-backend: \"apt-get install awscli\" on Debian, "
                      "or the installer or the PyPI package of its makers; "
                      "then call again."))
      .Precondition("AWS_CLI", program, "an installed AWS CLI")
      .With("program", program)
      .Build();
}

absl::Status CliUnusable(absl::string_view program, absl::string_view problem) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "CLI_UNUSABLE",
                      kAwsDomain)
      .Message(StrCat("The AWS CLI ", program, " does not say what it can do: ",
                      problem, ". Without that nothing is run."))
      .Precondition("AWS_CLI", program, "an AWS CLI of version 1 or 2")
      .With("program", program)
      .Build();
}

}  // namespace howdah::aws

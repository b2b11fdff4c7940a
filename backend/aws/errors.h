// Every error that this domain gives, by name. Each says what happened and what
// to do next, and carries a stable reason.
#ifndef HOWDAH_BACKEND_AWS_ERRORS_H_
#define HOWDAH_BACKEND_AWS_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace howdah::aws {

// SHELL_SYNTAX: `what` in a command that `would`…
absl::Status ShellSyntax(absl::string_view what, absl::string_view would);
// COMMAND_TOO_LONG
absl::Status CommandTooLong(absl::string_view limit);
// COMMAND_UNKNOWN: no such service or command; `nearest` may be empty.
absl::Status CommandUnknown(absl::string_view command, absl::string_view kind,
                            absl::string_view nearest);
// COMMAND_INVALID: an option or value that the command does not take.
absl::Status CommandInvalid(absl::string_view command,
                            absl::string_view problem);
// OPTION_REFUSED: the CLI would take it, this server does not.
absl::Status OptionRefused(absl::string_view option, absl::string_view problem);
// LOCAL_FILE_REFUSED: a value that the CLI would read from or write to a file.
absl::Status LocalFileRefused(absl::string_view option,
                              absl::string_view problem);
// URL_REFUSED: a value that the CLI would fetch.
absl::Status UrlRefused(absl::string_view option);

// COMMAND_FORBIDDEN: never run, by any tool.
absl::Status CommandForbidden(absl::string_view command,
                              absl::string_view reason);
// NOT_A_READ: names the tool for it.
absl::Status NotARead(absl::string_view command, absl::string_view what);
// SECRETS_NOT_ALLOWED, DATA_NOT_ALLOWED: an operator's rule has to allow it.
absl::Status SecretsNotAllowed(absl::string_view command,
                               absl::string_view reason);
absl::Status DataNotAllowed(absl::string_view command,
                            absl::string_view reason);
// POLICY_DENIED: by the operator's rule `rule`.
absl::Status PolicyDenied(absl::string_view command, absl::string_view rule);
// PROFILE_NOT_ALLOWED, REGION_NOT_ALLOWED
absl::Status ProfileNotAllowed(absl::string_view profile);
absl::Status RegionNotAllowed(absl::string_view region);
// POLICY_INVALID: the file cannot be used; `place` is "path:line:column".
absl::Status PolicyInvalid(absl::string_view place, absl::string_view problem);

// PROFILE_UNKNOWN: the AWS configuration has no such profile.
absl::Status ProfileUnknown(absl::string_view profile);
// CONFIRMATION_REQUIRED; `effect` is a sentence on what the command does.
absl::Status ConfirmationRequired(absl::string_view command,
                                  absl::string_view effect);

// CLI_MISSING: FAILED_PRECONDITION that says how to get it.
absl::Status CliMissing(absl::string_view program);
// CLI_UNUSABLE: there is one, but it does not say what it can do.
absl::Status CliUnusable(absl::string_view program, absl::string_view problem);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_ERRORS_H_

// How a run of the AWS CLI ended, as a status: exit code and what it printed on
// stderr become a code and one sentence.
//
//   RETURN_IF_ERROR(StatusOfEnd(end, {.command = "iam get-user"}));
//
// Version 2 of the CLI tells kinds of failure by its exit code; version 1 ends
// with 255 for most, so its words decide. The code of the AWS service stands in
// the ErrorInfo, as `awsErrorCode`.
#ifndef HOWDAH_BACKEND_AWS_RUNNER_CLI_ERRORS_H_
#define HOWDAH_BACKEND_AWS_RUNNER_CLI_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backend/process/program_pool.h"

namespace howdah::aws::runner {

struct RanCommand {
  std::string command;  // "iam get-user"
  std::string profile = {};
  std::string region = {};
  // Nothing can have changed, so it may be tried again.
  bool read = false;
};

// OK if the command did what it was asked; also for a service's own dry run
// that would have succeeded.
absl::Status StatusOfEnd(const process::ProgramEnd& end,
                         const RanCommand& command);

// gRPC code of a service's error code: "NoSuchBucket" -> NOT_FOUND.
absl::StatusCode CodeOfServiceError(absl::string_view code,
                                    absl::string_view message);

// Whether the service's own dry run says that the call would have succeeded.
bool WouldHaveSucceeded(const process::ProgramEnd& end);

// INTERNAL, FOLDER_FAILED.
absl::Status FolderFailed(absl::string_view path, absl::string_view why);

// RESOURCE_EXHAUSTED, AWS_BUSY.
absl::Status TooManyCommands();

}  // namespace howdah::aws::runner

#endif  // HOWDAH_BACKEND_AWS_RUNNER_CLI_ERRORS_H_

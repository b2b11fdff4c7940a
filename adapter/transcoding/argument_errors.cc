#include "adapter/transcoding/argument_errors.h"

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::transcoding {

absl::Status WrongArguments(absl::string_view tool,
                            const ArgumentProblems& problems) {
  support::ErrorBuilder error(absl::StatusCode::kInvalidArgument,
                              "INVALID_ARGUMENTS", support::kMcpDomain);
  if (problems.size() == 1) {
    error.Message(absl::StrCat("Argument \"", problems[0].path, "\" of ", tool,
                               " ", problems[0].description, "."));
  } else {
    error.Message(absl::StrCat(problems.size(), " arguments of ", tool,
                               " are wrong; nothing was done."));
  }
  error.With("tool", tool);
  for (const ArgumentProblem& problem : problems) {
    error.Field(problem.path, problem.description);
  }
  return error.Build();
}

absl::Status NoArguments(absl::string_view tool, absl::string_view what) {
  return support::ErrorBuilder(absl::StatusCode::kInvalidArgument,
                               "MALFORMED_ARGUMENTS", support::kMcpDomain)
      .Message(absl::StrCat("The arguments of ", tool, " ", what,
                            "; give a JSON object, for example {}."))
      .With("tool", tool)
      .Build();
}

}  // namespace howdah::transcoding

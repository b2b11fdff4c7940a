// How wrong arguments of a tool are told: all at once, each with its path.
//
//   WrongArguments("create_role", {{"role_name", "is given twice; …"}})
//     -> INVALID_ARGUMENTS: Argument "role_name" of create_role is given twice
//     …
#ifndef HOWDAH_ADAPTER_TRANSCODING_ARGUMENT_ERRORS_H_
#define HOWDAH_ADAPTER_TRANSCODING_ARGUMENT_ERRORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace howdah::transcoding {

struct ArgumentProblem {
  std::string path;
  std::string description;  // goes on after the path: "is not known"
};
using ArgumentProblems = std::vector<ArgumentProblem>;

absl::Status WrongArguments(absl::string_view tool,
                            const ArgumentProblems& problems);

// The arguments as a whole cannot be read; `what` goes on after "The arguments
// of <tool>": "are not valid JSON".
absl::Status NoArguments(absl::string_view tool, absl::string_view what);

}  // namespace howdah::transcoding

#endif  // HOWDAH_ADAPTER_TRANSCODING_ARGUMENT_ERRORS_H_

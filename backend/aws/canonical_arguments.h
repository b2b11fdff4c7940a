// The argument vector that is run for a command.
//
//   RETURN_IF_ERROR(SetCanonicalArguments(index.FetchesUrls(), {}, parsed));
//   parsed.argv, parsed.input_json
//
// Positional arguments come first, then options, each with its values as words
// of their own unless argparse would take them for something else. What must
// not be on a command line (sensitive values, URLs that version 1 of the CLI
// would fetch, options that a global one hides) becomes JSON.
#ifndef HOWDAH_BACKEND_AWS_CANONICAL_ARGUMENTS_H_
#define HOWDAH_BACKEND_AWS_CANONICAL_ARGUMENTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "backend/aws/parsed_command.h"

namespace howdah::aws {

// `globals`: options of the CLI itself that are passed on.
absl::Status SetCanonicalArguments(bool fetches_urls,
                                   const std::vector<std::string>& globals,
                                   ParsedCommand& parsed);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_CANONICAL_ARGUMENTS_H_

// A configuration file: one JSON object with the same names as the flags.
//
//   {"port": 3000, "allowed-host": ["a.example", "b.example"],
//    "read-only": true}
//     -> --port=3000 --allowed-host=a.example --allowed-host=b.example
//        --read-only
//
// The flags of the command line win; a list there replaces the file's.
#ifndef HOWDAH_PROTO_SUPPORT_FLAG_FILE_H_
#define HOWDAH_PROTO_SUPPORT_FLAG_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::support {

// Limits: a file of 1 MiB. `false` and `null` stand for a flag not given.
absl::StatusOr<std::vector<std::string>> ReadFlagFile(const std::string& path);

// The same for the text of a file; `path` is for messages.
absl::StatusOr<std::vector<std::string>> ParseFlagFile(absl::string_view text,
                                                       absl::string_view path);

// Whether a flag chooses the file, or what the program does instead of serving:
// it stands on the command line alone.
bool BelongsToTheCommandLine(absl::string_view flag);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_FLAG_FILE_H_

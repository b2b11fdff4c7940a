// A configuration file: one JSON object with the same names as the flags.
//
//   {"port": 3000, "allowed-host": ["a.example", "b.example"],
//    "read-only": true}
//     -> {"allowed-host", {"--allowed-host=a.example",
//                          "--allowed-host=b.example"}},
//        {"port", {"--port=3000"}}, {"read-only", {"--read-only"}}
//
// Which names there are, and who wins, knows program_flags.h.
#ifndef HOWDAH_PROTO_SUPPORT_FLAG_FILE_H_
#define HOWDAH_PROTO_SUPPORT_FLAG_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::support {

// A member, and how a command line would say it.
struct FileFlag {
  std::string name;
  std::vector<std::string> words;  // none for `false` and `null`
};

// Limits: a file of 1 MiB. INVALID_ARGUMENT with reason BAD_CONFIG_FILE names
// the file and the member; values are not told.
absl::StatusOr<std::vector<FileFlag>> ReadFlagFile(const std::string& path);

// The same for the text of a file; `path` is for messages.
absl::StatusOr<std::vector<FileFlag>> ParseFlagFile(absl::string_view text,
                                                    absl::string_view path);

absl::Status BadFlagFile(absl::string_view path, absl::string_view what);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_FLAG_FILE_H_

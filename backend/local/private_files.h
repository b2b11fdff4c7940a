// Files of the data directory that nobody else may read.
//
//   RETURN_IF_ERROR(WritePrivateFile(dir + "/token", token));
//   ASSIGN_OR_RETURN(std::string token, ReadFile(dir + "/token"));
#ifndef HOWDAH_BACKEND_LOCAL_PRIVATE_FILES_H_
#define HOWDAH_BACKEND_LOCAL_PRIVATE_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::local {

// NOT_FOUND if there is none.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Replaces the file in one step, with mode 0600.
absl::Status WritePrivateFile(const std::string& path,
                              absl::string_view content);

// What the file has; where it has nothing good, a new secret of 64 hexadecimal
// digits that is written to it.
absl::StatusOr<std::string> LoadOrMakeSecret(const std::string& path);

// Creates the directory and its parents; `mode` is that of the last one.
absl::Status MakeDirectory(const std::string& path, unsigned mode);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_PRIVATE_FILES_H_

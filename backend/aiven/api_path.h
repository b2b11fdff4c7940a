// Paths of Aiven's REST API, made only of names that cannot lead elsewhere.
//
//   ASSIGN_OR_RETURN(std::string path, ServicePath("demo", "pg-1", "/logs"));
//       // "/project/demo/service/pg-1/logs"
//
// A name such as ".." would be taken for a step by URL parsers on the way, so
// it is refused here whatever was checked before.
#ifndef HOWDAH_BACKEND_AIVEN_API_PATH_H_
#define HOWDAH_BACKEND_AIVEN_API_PATH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::aiven {

// `rest` is a literal of ours. INVALID_ARGUMENT for a bad name.
absl::StatusOr<std::string> ProjectPath(absl::string_view project,
                                        absl::string_view rest = "");
absl::StatusOr<std::string> ServicePath(absl::string_view project,
                                        absl::string_view service,
                                        absl::string_view rest = "");

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_API_PATH_H_

// The log of the plane: one JSON line per message on stderr.
//
//   Log(LogLevel::kInfo, "serving", {{"server", url}});
#ifndef HOWDAH_BACKEND_LOCAL_PLANE_LOG_H_
#define HOWDAH_BACKEND_LOCAL_PLANE_LOG_H_

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::local {

enum class LogLevel { kInfo, kWarning, kError };

// Threads: safe; a line is written whole.
void Log(LogLevel level, absl::string_view message,
         nlohmann::json fields = nlohmann::json::object());

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_PLANE_LOG_H_

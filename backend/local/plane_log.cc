#include "backend/local/plane_log.h"

#include <unistd.h>

#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace howdah::local {

void Log(LogLevel level, absl::string_view message, nlohmann::json fields) {
  static constexpr const char* kNames[] = {"info", "warning", "error"};
  fields["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(),
                                    absl::UTCTimeZone());
  fields["level"] = kNames[static_cast<int>(level)];
  fields["message"] = std::string(message);
  std::string line =
      fields.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
      "\n";
  // Nothing can be done about a log that cannot be written.
  if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace howdah::local

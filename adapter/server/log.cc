#include "adapter/server/log.h"

#include <poll.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/transcoding/json_text.h"

namespace howdah::adapter {
namespace {

// stderr may be a pipe that its reader has forgotten; the adapter has one
// thread, which must not wait for it.
void WriteLine(const std::string& line) {
  pollfd out{STDERR_FILENO, POLLOUT, 0};
  if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0) {
    [[maybe_unused]] const ssize_t written =
        write(STDERR_FILENO, line.data(), line.size());
  }
}

}  // namespace

void Log(absl::string_view level, absl::string_view message,
         std::initializer_list<std::pair<absl::string_view, absl::string_view>>
             fields) {
  std::string line =
      absl::StrCat("{\"ts\":\"",
                   absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(),
                                    absl::UTCTimeZone()),
                   "\",\"level\":\"", level, "\",\"msg\":");
  transcoding::AppendJsonString(message, line);
  for (const auto& [key, value] : fields) {
    line += ',';
    transcoding::AppendJsonString(key, line);
    line += ':';
    transcoding::AppendJsonString(value, line);
  }
  WriteLine(line + "}\n");
}

void LogForeignLine(absl::string_view line) {
  WriteLine(absl::StrCat(line, "\n"));
}

}  // namespace howdah::adapter

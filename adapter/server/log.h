// The adapter's log: one JSON object per line on stderr.
//
//   Log("info", "listening", {{"url", "http://127.0.0.1:3000/mcp"}});
#ifndef HOWDAH_ADAPTER_SERVER_LOG_H_
#define HOWDAH_ADAPTER_SERVER_LOG_H_

#include <initializer_list>
#include <utility>

#include "absl/strings/string_view.h"

namespace howdah::adapter {

// Never waits: a line is dropped where nobody reads stderr.
void Log(absl::string_view level, absl::string_view message,
         std::initializer_list<std::pair<absl::string_view, absl::string_view>>
             fields = {});

// Passes on a line that another program wrote to its stderr.
void LogForeignLine(absl::string_view line);

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_LOG_H_

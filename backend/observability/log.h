// Structured log: one JSON object per line on stderr.
//
//   Log(LogLevel::kInfo, "listening", {{"address", "127.0.0.1:50051"}});
//   => {"ts":"2026-11-21T11:50:00.123Z","level":"info","msg":"listening",
//       "address":"127.0.0.1:50051"}
//
// Secrets never come here: a request is logged by its identifiers only
// (proto/support/redaction.h).
#ifndef HOWDAH_BACKEND_OBSERVABILITY_LOG_H_
#define HOWDAH_BACKEND_OBSERVABILITY_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::observability {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning" or "error".
std::optional<LogLevel> ParseLogLevel(absl::string_view name);

// One member of a line; booleans and numbers are written as such.
struct LogField {
  LogField(absl::string_view key, absl::string_view value);
  LogField(absl::string_view key, const char* value);
  LogField(absl::string_view key, const std::string& value);
  LogField(absl::string_view key, bool value);
  LogField(absl::string_view key, int64_t value);
  LogField(absl::string_view key, int value);
  LogField(absl::string_view key, double value);

  std::string key;
  // The value as JSON.
  std::string json;
};

// Lines below `level` are dropped. Default: info. Threads: safe.
void SetLogLevel(LogLevel level);
bool IsLogged(LogLevel level);

// Writes one line with one write. Threads: safe.
void Log(LogLevel level, absl::string_view message,
         std::initializer_list<LogField> fields = {});

// As Log, whatever the level is set to: for what must not be silenced.
void LogAlways(LogLevel level, absl::string_view message,
               const std::vector<LogField>& fields);

// The line that Log writes, with its newline.
std::string FormatLogLine(absl::Time time, LogLevel level,
                          absl::string_view message, const LogField* fields,
                          size_t count);

// Appends `text` as a JSON string; bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(std::string& out, absl::string_view text);

}  // namespace howdah::observability

#endif  // HOWDAH_BACKEND_OBSERVABILITY_LOG_H_

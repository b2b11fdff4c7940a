#include "backend/observability/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace howdah::observability {
namespace {

std::atomic<LogLevel> g_level{LogLevel::kInfo};

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

std::string JsonString(absl::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

// Length of the well-formed UTF-8 sequence at the front; 0 if there is none.
size_t Utf8Length(absl::string_view text) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char first = byte(0);
  size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) low = 0xA0;   // overlong
    if (first == 0xED) high = 0x9F;  // surrogates
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;  // above U+10FFFF
  } else {
    return 0;
  }
  if (text.size() < length) return 0;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

void WriteLine(absl::string_view line) {
  // One write for a line: lines of several threads and processes that share
  // the descriptor do not mix. What cannot be written is lost: a log must not
  // stop the server.
  while (!line.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    line.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

std::optional<LogLevel> ParseLogLevel(absl::string_view name) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo,
                               LogLevel::kWarning, LogLevel::kError}) {
    if (name == LevelName(level)) return level;
  }
  return std::nullopt;
}

LogField::LogField(absl::string_view key, absl::string_view value)
    : key(key), json(JsonString(value)) {}
LogField::LogField(absl::string_view key, const char* value)
    : LogField(key, absl::string_view(value)) {}
LogField::LogField(absl::string_view key, const std::string& value)
    : LogField(key, absl::string_view(value)) {}
LogField::LogField(absl::string_view key, bool value)
    : key(key), json(value ? "true" : "false") {}
LogField::LogField(absl::string_view key, int64_t value)
    : key(key), json(absl::StrCat(value)) {}
LogField::LogField(absl::string_view key, int value)
    : key(key), json(absl::StrCat(value)) {}
LogField::LogField(absl::string_view key, double value)
    : key(key), json(absl::StrFormat("%.3f", value)) {}

void SetLogLevel(LogLevel level) { g_level = level; }

bool IsLogged(LogLevel level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

void AppendJsonString(std::string& out, absl::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const char c = text.front();
    if (length == 0) {
      out.append("\\ufffd");
    } else if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(c));
    } else {
      out.append(text.data(), length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out.push_back('"');
}

std::string FormatLogLine(absl::Time time, LogLevel level,
                          absl::string_view message, const LogField* fields,
                          size_t count) {
  std::string line = absl::StrCat(
      R"({"ts":")",
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()),
      R"(","level":")", LevelName(level), R"(","msg":)");
  AppendJsonString(line, message);
  for (size_t i = 0; i < count; ++i) {
    line.push_back(',');
    AppendJsonString(line, fields[i].key);
    absl::StrAppend(&line, ":", fields[i].json);
  }
  line.append("}\n");
  return line;
}

void Log(LogLevel level, absl::string_view message,
         std::initializer_list<LogField> fields) {
  if (!IsLogged(level)) return;
  WriteLine(FormatLogLine(absl::Now(), level, message, fields.begin(),
                          fields.size()));
}

void LogAlways(LogLevel level, absl::string_view message,
               const std::vector<LogField>& fields) {
  WriteLine(
      FormatLogLine(absl::Now(), level, message, fields.data(), fields.size()));
}

}  // namespace howdah::observability

#include "backend/local/api/log_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "re2/re2.h"

namespace howdah::local {
namespace {

constexpr int64_t kMost = int64_t{10} * 1024 * 1024;

// The time at the beginning of a line, as `log_line_prefix = '%m'` writes it.
// In another time zone than UTC it cannot be told from its abbreviation.
std::optional<absl::Time> TimeOf(absl::string_view line) {
  static const LazyRE2 kTime = {
      R"((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+) (?:UTC|GMT) )"};
  std::string date;
  std::string time;
  const re2::StringPiece text(line.data(), std::min<size_t>(line.size(), 64));
  if (!RE2::PartialMatch(text, *kTime, &date, &time) || line[0] != date[0]) {
    return std::nullopt;
  }
  absl::Time result;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, absl::StrCat(date, "T", time, "Z"),
                       &result, &error)) {
    return std::nullopt;
  }
  return result;
}

std::vector<absl::string_view> Lines(absl::string_view text) {
  std::vector<absl::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const size_t size = end == text.npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

}  // namespace

LogReader::LogReader(std::string path, const LogOptions& options,
                     absl::Time begun)
    : path_(std::move(path)), options_(options), last_(begun) {}

std::string LogReader::ReadFile() {
  std::ifstream file(path_, std::ios::binary | std::ios::ate);
  struct stat facts {};
  if (!file || stat(path_.c_str(), &facts) != 0) return "";
  const int64_t size = file.tellg();
  if (begun_reading_ && (facts.st_ino != file_ || size < offset_)) {
    offset_ = 0;
  }
  file_ = facts.st_ino;
  offset_ = std::max(offset_, begun_reading_ ? 0 : size - kMost);
  begun_reading_ = true;
  file.seekg(offset_);
  std::string text(static_cast<size_t>(std::min(size - offset_, kMost)), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  offset_ += file.gcount();
  return text;
}

void LogReader::Add(absl::string_view line, std::string& out) {
  if (options_.since && last_ < *options_.since) return;
  std::string text;
  if (options_.timestamps) {
    text =
        absl::FormatTime("%Y-%m-%dT%H:%M:%E9SZ ", last_, absl::UTCTimeZone());
  }
  absl::StrAppend(&text, line);
  if (options_.limit) {
    text.resize(std::min(text.size(), static_cast<size_t>(*options_.limit)));
    *options_.limit -= static_cast<int64_t>(text.size());
  }
  out += text;
}

std::string LogReader::Read() {
  const std::string text = std::exchange(partial_, "") + ReadFile();
  std::vector<absl::string_view> lines = Lines(text);
  if (options_.follow && !lines.empty() && lines.back().back() != '\n') {
    partial_ = std::string(lines.back());
    lines.pop_back();
  }
  size_t first = 0;
  if (options_.tail) {
    const auto tail = static_cast<size_t>(*options_.tail);
    first = lines.size() - std::min(lines.size(), tail);
    options_.tail.reset();
  }
  std::string out;
  for (size_t i = 0; i < lines.size() && !finished(); ++i) {
    last_ = TimeOf(lines[i]).value_or(last_);
    if (i >= first) Add(lines[i], out);
  }
  return out;
}

}  // namespace howdah::local

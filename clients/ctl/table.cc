#include "clients/ctl/table.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace howdah::ctl {
namespace {

constexpr size_t kGap = 2;
// Narrower than this no column is wrapped.
constexpr size_t kNarrowest = 24;

bool IsWide(uint32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0x1F300 && c <= 0x1FAFF);
}

bool IsCombining(uint32_t c) { return c >= 0x0300 && c <= 0x036F; }

// Decodes one letter and drops it; malformed bytes count as one letter each.
uint32_t TakeLetter(absl::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  length = std::min(length, text.size());
  uint32_t letter = length == 1 ? first : first & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    letter = letter << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  text.remove_prefix(length);
  return letter;
}

}  // namespace

absl::string_view StateColour(absl::string_view word, const Style& style) {
  for (absl::string_view good :
       {"healthy", "reconciled", "applied", "replicating"}) {
    if (word == good) return style.green;
  }
  for (absl::string_view bad :
       {"unhealthy", "failed", "critical", "deleting"}) {
    if (word == bad) return style.red;
  }
  for (absl::string_view middling :
       {"degraded", "progressing", "pending", "warning", "hibernated"}) {
    if (word == middling) return style.yellow;
  }
  return "";
}

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const uint32_t letter = TakeLetter(text);
    if (letter < 0x20 || IsCombining(letter)) continue;
    width += IsWide(letter) ? 2 : 1;
  }
  return width;
}

std::vector<std::string> WrapText(absl::string_view text, size_t width) {
  std::vector<std::string> lines;
  for (absl::string_view paragraph : absl::StrSplit(text, '\n')) {
    std::string line;
    for (absl::string_view word :
         absl::StrSplit(paragraph, ' ', absl::SkipEmpty())) {
      if (!line.empty() &&
          DisplayWidth(line) + 1 + DisplayWidth(word) > width) {
        lines.push_back(std::exchange(line, ""));
      }
      absl::StrAppend(&line, line.empty() ? "" : " ", word);
    }
    lines.push_back(line);
  }
  return lines;
}

std::string Harmless(absl::string_view text) {
  std::string harmless;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      if (c == '\n') {
        harmless += ' ';
      } else {
        absl::StrAppendFormat(&harmless, "\\x%02x", byte);
      }
    } else {
      harmless += c;
    }
  }
  return harmless;
}

Table::Table(std::vector<std::string> titles) : titles_(std::move(titles)) {}

void Table::Add(std::vector<std::string> cells) {
  cells.resize(titles_.size());
  for (std::string& cell : cells) cell = Harmless(cell);
  rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::UsedColumns() const {
  std::vector<size_t> used;
  for (size_t column = 0; column < titles_.size(); ++column) {
    if (rows_.empty() ||
        std::any_of(rows_.begin(), rows_.end(),
                    [&](const auto& row) { return !row[column].empty(); })) {
      used.push_back(column);
    }
  }
  return used;
}

std::string Table::ToText(const Style& style, size_t width) const {
  const std::vector<size_t> used = UsedColumns();
  if (used.empty()) return "";
  std::vector<size_t> widths;
  size_t before_last = 0;
  for (const size_t column : used) {
    size_t widest = DisplayWidth(titles_[column]);
    for (const auto& row : rows_) {
      widest = std::max(widest, DisplayWidth(row[column]));
    }
    widths.push_back(widest);
    if (column != used.back()) before_last += widest + kGap;
  }
  const bool wraps = width >= before_last + kNarrowest;
  std::string text;
  const auto append_row = [&](const std::vector<std::string>& row, bool title) {
    for (size_t i = 0; i < used.size(); ++i) {
      const std::string& cell = row[used[i]];
      const absl::string_view colour =
          title ? style.bold : StateColour(cell, style);
      const absl::string_view end = colour.empty() ? "" : style.reset;
      if (i + 1 < used.size()) {
        const std::string gap(widths[i] + kGap - DisplayWidth(cell), ' ');
        absl::StrAppend(&text, colour, cell, end, gap);
        continue;
      }
      const std::vector<std::string> lines =
          wraps ? WrapText(cell, width - before_last)
                : std::vector<std::string>{cell};
      for (size_t line = 0; line < lines.size(); ++line) {
        if (line > 0) text.append(before_last, ' ');
        absl::StrAppend(&text, colour, lines[line], end);
        if (line + 1 < lines.size()) text += '\n';
      }
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    text += '\n';
  };
  append_row(titles_, true);
  for (const auto& row : rows_) append_row(row, false);
  return text;
}

}  // namespace howdah::ctl

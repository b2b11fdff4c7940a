#include "clients/ctl/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "proto/support/text_layout.h"

namespace howdah::ctl {
namespace {

using support::DisplayWidth;
using support::WrapText;

constexpr size_t kGap = 2;
// Narrower than this no column is wrapped.
constexpr size_t kNarrowest = 24;

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

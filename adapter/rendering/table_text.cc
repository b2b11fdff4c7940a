#include "adapter/rendering/table_text.h"

#include <algorithm>
#include <utility>

#include "adapter/rendering/clean_text.h"

namespace howdah::rendering {

TextTable::TextTable(std::vector<std::string> titles)
    : titles_(std::move(titles)), widths_(titles_.size(), 0) {}

void TextTable::AddRow(std::vector<std::string> cells) {
  for (size_t i = 0; i < cells.size(); ++i) {
    const size_t width = CharacterCount(cells[i]);
    if (width == 0) continue;
    widths_[i] = std::max({widths_[i], width, CharacterCount(titles_[i])});
  }
  rows_.push_back(std::move(cells));
}

std::string TextTable::Line(const std::string& indent,
                            const std::vector<std::string>& cells) const {
  std::string line = indent;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (widths_[i] == 0) continue;
    const std::string& cell = cells[i].empty() ? "-" : cells[i];
    line += cell;
    line.append(widths_[i] - std::min(widths_[i], CharacterCount(cell)) + 2,
                ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  line += '\n';
  return line;
}

size_t TextTable::Append(const std::string& indent, size_t limit,
                         std::string& out) const {
  const std::string titles = Line(indent, titles_);
  size_t shown = 0;
  for (const auto& row : rows_) {
    const std::string line = Line(indent, row);
    const size_t more = line.size() + (shown == 0 ? titles.size() : 0);
    if (out.size() + more > limit) break;
    if (shown++ == 0) out += titles;
    out += line;
  }
  return shown;
}

}  // namespace howdah::rendering

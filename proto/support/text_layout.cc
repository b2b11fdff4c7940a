#include "proto/support/text_layout.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace howdah::support {
namespace {

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
  std::size_t length = first < 0x80   ? 1
                       : first < 0xE0 ? 2
                       : first < 0xF0 ? 3
                                      : 4;
  length = std::min(length, text.size());
  uint32_t letter = length == 1 ? first : first & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    letter = letter << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  text.remove_prefix(length);
  return letter;
}

}  // namespace

std::size_t DisplayWidth(absl::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const uint32_t letter = TakeLetter(text);
    if (letter < 0x20 || IsCombining(letter)) continue;
    width += IsWide(letter) ? 2 : 1;
  }
  return width;
}

std::vector<std::string> WrapText(absl::string_view text, std::size_t width) {
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

}  // namespace howdah::support

#include "proto/support/help_page.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "proto/support/text_layout.h"

namespace howdah::support {
namespace {

// A longer term stands on a line of its own.
constexpr std::size_t kLongestTerm = 26;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kGap = 2;

}  // namespace

void HelpPage::Paragraph(absl::string_view text) {
  for (const std::string& line : WrapText(text, width_)) Line(line);
}

void HelpPage::Heading(absl::string_view title) {
  absl::StrAppend(&text_, "\n", bold_, title, reset_, "\n");
}

void HelpPage::Line(absl::string_view line) {
  absl::StrAppend(&text_, line, "\n");
}

std::size_t HelpPage::Widest(const Terms& terms) {
  std::size_t widest = 0;
  for (const auto& [term, text] : terms) {
    if (term.size() <= kLongestTerm) widest = std::max(widest, term.size());
  }
  return widest;
}

void HelpPage::Definitions(const Terms& terms, std::size_t widest) {
  const std::size_t margin = kIndent + std::max(widest, Widest(terms)) + kGap;
  for (const auto& [term, text] : terms) {
    std::string line = absl::StrCat(std::string(kIndent, ' '), term);
    const auto lines = WrapText(text, width_ - margin);
    std::size_t first = 0;
    if (line.size() + kGap <= margin) {
      line.resize(margin, ' ');
      if (!lines.empty()) absl::StrAppend(&line, lines[first++]);
    }
    Line(absl::StripTrailingAsciiWhitespace(line));
    for (; first < lines.size(); ++first) {
      Line(absl::StrCat(std::string(margin, ' '), lines[first]));
    }
  }
}

}  // namespace howdah::support

// The page that --help shows: paragraphs, headings, terms with explanations.
//
//   HelpPage page(80);
//   page.Paragraph("howdahctl calls a Howdah backend.");
//   page.Heading("Flags");
//   page.Definitions({{"--port N", "Port to listen on."}});
//   =>
//   howdahctl calls a Howdah backend.
//
//   Flags
//     --port N  Port to listen on.
#ifndef HOWDAH_PROTO_SUPPORT_HELP_PAGE_H_
#define HOWDAH_PROTO_SUPPORT_HELP_PAGE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::support {

// Threads: not safe. Owns: its text.
class HelpPage {
 public:
  using Terms = std::vector<std::pair<std::string, std::string>>;

  // No line is wider than `width`, if words allow it. What is put around
  // headings, for terminals with colours, must outlive the page.
  explicit HelpPage(std::size_t width, absl::string_view bold = "",
                    absl::string_view reset = "")
      : width_(width), bold_(bold), reset_(reset) {}

  void Paragraph(absl::string_view text);
  void Heading(absl::string_view title);
  void Line(absl::string_view line);
  // Terms and explanations side by side; a long term stands on a line of its
  // own. `widest` aligns several lists.
  void Definitions(const Terms& terms, std::size_t widest = 0);

  // The width of the widest term that is not too long to have its explanation
  // beside it.
  static std::size_t Widest(const Terms& terms);

  std::string Take() { return std::move(text_); }

 private:
  const std::size_t width_;
  const absl::string_view bold_, reset_;
  std::string text_;
};

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_HELP_PAGE_H_

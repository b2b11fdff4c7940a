// Text for terminals, which count places, not bytes.
//
//   WrapText("one two three", 8)   // {"one two", "three"}
#ifndef HOWDAH_PROTO_SUPPORT_TEXT_LAYOUT_H_
#define HOWDAH_PROTO_SUPPORT_TEXT_LAYOUT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::support {

// Places that a text takes on a terminal: control characters none, wide East
// Asian letters two.
std::size_t DisplayWidth(absl::string_view text);

// Breaks at spaces so that no line is wider, if words allow it. Paragraphs
// stay.
std::vector<std::string> WrapText(absl::string_view text, std::size_t width);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_TEXT_LAYOUT_H_

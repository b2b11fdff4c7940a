// Text from other systems made fit for a reader: no control characters, nothing
// that cannot be seen, one line.
//
//   AppendOneLine("a\nb\x1b[31m", 80, out);   // "a b[31m"
//   FenceFor("a ``` b");                       // "````"
#ifndef HOWDAH_ADAPTER_RENDERING_CLEAN_TEXT_H_
#define HOWDAH_ADAPTER_RENDERING_CLEAN_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace howdah::rendering {

// At most `limit` characters, then "…". Line ends and tabs become blanks.
// Returns how many characters were appended.
size_t AppendOneLine(absl::string_view text, size_t limit, std::string& out);

// Keeps line ends; puts `indent` before each line.
void AppendLines(absl::string_view text, absl::string_view indent,
                 std::string& out);

// A fence of backticks that no line of the text can close: text from outside
// stays inside of it, whatever it says.
std::string FenceFor(absl::string_view text);

// Number of characters (code points).
size_t CharacterCount(absl::string_view text);

}  // namespace howdah::rendering

#endif  // HOWDAH_ADAPTER_RENDERING_CLEAN_TEXT_H_

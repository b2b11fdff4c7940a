// Appends JSON text to a string: the bricks of every writer of the adapter.
//
//   std::string out = "{\"name\":";
//   AppendJsonString("Äpfel\n", out);   // "Äpfel\n", escaped
//
// Characters that a reader cannot see (zero-width, bidirectional overrides,
// tags) are written as \uXXXX: nothing is lost and nothing hides.
#ifndef HOWDAH_ADAPTER_TRANSCODING_JSON_TEXT_H_
#define HOWDAH_ADAPTER_TRANSCODING_JSON_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace howdah::transcoding {

// Appends `text` (UTF-8; broken sequences become U+FFFD) with quotes.
void AppendJsonString(absl::string_view text, std::string& out);

// One code point at the start of `text`, which is not empty. A broken sequence
// gives U+FFFD and length 1.
struct CodePoint {
  char32_t value = 0;
  size_t bytes = 1;
};
CodePoint NextCodePoint(absl::string_view text);

// `text` without what a reader cannot see; of control characters only line ends
// stay. Broken sequences become U+FFFD.
std::string VisibleText(absl::string_view text);

// Whether a reader cannot see the character, or it changes how others look.
bool IsInvisible(char32_t character);

}  // namespace howdah::transcoding

#endif  // HOWDAH_ADAPTER_TRANSCODING_JSON_TEXT_H_

#include "adapter/rendering/clean_text.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "adapter/transcoding/json_text.h"

namespace howdah::rendering {

using transcoding::CodePoint;
using transcoding::IsInvisible;
using transcoding::NextCodePoint;

namespace {

// How many bytes of `text` are printable ASCII, from its beginning on.
size_t PlainBytes(absl::string_view text) {
  size_t count = 0;
  while (count < text.size() && text[count] >= 0x20 && text[count] < 0x7f) {
    ++count;
  }
  return count;
}

}  // namespace

size_t AppendOneLine(absl::string_view text, size_t limit, std::string& out) {
  size_t count = 0;
  while (!text.empty()) {
    // Nearly all text is plain, and then a byte is a character.
    const size_t plain = PlainBytes(text.substr(0, limit - count));
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    count += plain;
    if (text.empty()) break;
    const CodePoint next = NextCodePoint(text);
    const bool blank = next.value == '\n' || next.value == '\t';
    if (blank || (next.value >= 0x20 && !IsInvisible(next.value))) {
      if (count == limit) {
        out += "…";
        return count + 1;
      }
      if (blank) {
        out += ' ';
      } else if (next.value == 0xfffd) {
        out += "\xef\xbf\xbd";
      } else {
        out.append(text.data(), next.bytes);
      }
      ++count;
    }
    text.remove_prefix(next.bytes);
  }
  return count;
}

void AppendLines(absl::string_view text, absl::string_view indent,
                 std::string& out) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    out.append(indent.data(), indent.size());
    AppendOneLine(line, line.size(), out);
    out += '\n';
  }
}

std::string FenceFor(absl::string_view text) {
  constexpr size_t kShortest = 3;
  size_t longest = 0;
  size_t run = 0;
  while (!text.empty()) {
    const CodePoint next = NextCodePoint(text);
    text.remove_prefix(next.bytes);
    // What is left out when the text is shown must not hide a longer run.
    if (next.value != '\n' && (next.value < 0x20 || IsInvisible(next.value))) {
      continue;
    }
    run = next.value == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return std::string(std::max(kShortest, longest + 1), '`');
}

size_t CharacterCount(absl::string_view text) {
  size_t count = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++count;
  }
  return count;
}

}  // namespace howdah::rendering

#include "backend/kubernetes/text.h"

#include "absl/strings/ascii.h"

namespace howdah::kubernetes {
namespace {

constexpr absl::string_view kEllipsis = "…";

// Length of the well-formed character at the front, 0 if there is none.
size_t CharacterLength(absl::string_view text) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (byte(i) < low || byte(i) > high) return 0;
    low = 0x80;
    high = 0xBF;
  }
  return length;
}

bool IsControl(absl::string_view character) {
  if (character.size() == 1) return absl::ascii_iscntrl(character[0]);
  // U+0080 to U+009F.
  return character.size() == 2 && character[0] == '\xC2' &&
         static_cast<unsigned char>(character[1]) < 0xA0;
}

}  // namespace

std::string BoundedText(absl::string_view text, size_t limit) {
  std::string clean;
  // Where to cut, so that the mark has room.
  size_t cut = 0;
  text = absl::StripAsciiWhitespace(text);
  while (!text.empty() && clean.size() <= limit) {
    const size_t length = CharacterLength(text);
    const absl::string_view character =
        text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(character.size());
    if (length == 0 || IsControl(character)) {
      clean.push_back(' ');
    } else {
      clean.append(character.data(), character.size());
    }
    if (clean.size() + kEllipsis.size() <= limit) cut = clean.size();
  }
  if (clean.size() > limit) {
    clean.resize(cut);
    clean.append(kEllipsis.data(), kEllipsis.size());
  }
  return std::string(absl::StripAsciiWhitespace(clean));
}

}  // namespace howdah::kubernetes

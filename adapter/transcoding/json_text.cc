#include "adapter/transcoding/json_text.h"

#include "absl/strings/str_format.h"

namespace howdah::transcoding {
namespace {

bool IsPlain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

void AppendEscaped(char32_t character, std::string& out) {
  if (character < 0x10000) {
    absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(character));
    return;
  }
  const unsigned rest = static_cast<unsigned>(character) - 0x10000;
  absl::StrAppendFormat(&out, "\\u%04x\\u%04x", 0xd800 + (rest >> 10),
                        0xdc00 + (rest & 0x3ff));
}

void AppendAscii(char character, std::string& out) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      AppendEscaped(static_cast<unsigned char>(character), out);
  }
}

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

}  // namespace

CodePoint NextCodePoint(absl::string_view text) {
  constexpr CodePoint kBroken{0xfffd, 1};
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  size_t length = 0;
  char32_t value = 0;
  char32_t smallest = 0;
  if ((lead & 0xe0) == 0xc0) {
    length = 2, value = lead & 0x1f, smallest = 0x80;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3, value = lead & 0x0f, smallest = 0x800;
  } else if ((lead & 0xf8) == 0xf0) {
    length = 4, value = lead & 0x07, smallest = 0x10000;
  } else {
    return kBroken;
  }
  if (text.size() < length) return kBroken;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return kBroken;
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest || value > 0x10ffff || surrogate) return kBroken;
  return {value, length};
}

bool IsInvisible(char32_t c) {
  return (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x034f || c == 0x061c ||
         c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 ||
         (c >= 0x180b && c <= 0x180f) || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         c == 0x3164 || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
         c == 0x2800 || c == 0xffa0 || (c >= 0xfff0 && c <= 0xfffb) ||
         (c >= 0x1bca0 && c <= 0x1bca3) || (c >= 0x1d173 && c <= 0x1d17a) ||
         (c >= 0xe0000 && c <= 0xe0fff);
}

std::string VisibleText(absl::string_view text) {
  std::string visible;
  visible.reserve(text.size());
  while (!text.empty()) {
    const CodePoint next = NextCodePoint(text);
    if (next.value == 0xfffd) {
      visible += "\xef\xbf\xbd";
    } else if (next.value == '\n' ||
               (next.value >= 0x20 && !IsInvisible(next.value))) {
      visible.append(text.data(), next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return visible;
}

void AppendJsonString(absl::string_view text, std::string& out) {
  out += '"';
  size_t done = 0;
  while (done < text.size()) {
    size_t end = done;
    while (end < text.size() && IsPlain(text[end])) ++end;
    out.append(text.data() + done, end - done);
    done = end;
    if (done == text.size()) break;
    if (static_cast<unsigned char>(text[done]) < 0x80) {
      AppendAscii(text[done], out);
      ++done;
      continue;
    }
    const CodePoint next = NextCodePoint(text.substr(done));
    if (next.value == 0xfffd && next.bytes == 1) {
      out += "\xef\xbf\xbd";
    } else if (IsInvisible(next.value)) {
      AppendEscaped(next.value, out);
    } else {
      out.append(text.data() + done, next.bytes);
    }
    done += next.bytes;
  }
  out += '"';
}

}  // namespace howdah::transcoding

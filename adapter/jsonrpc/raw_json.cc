#include "adapter/jsonrpc/raw_json.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"

namespace howdah::jsonrpc {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::size_t SkipSpace(absl::string_view text, std::size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

// Index after the string that opens at `at`.
std::size_t SkipString(absl::string_view text, std::size_t at) {
  const std::size_t begin = at + 1;
  for (at = text.find('"', begin); at != absl::string_view::npos;
       at = text.find('"', at + 1)) {
    std::size_t escaped = at;
    while (escaped > begin && text[escaped - 1] == '\\') --escaped;
    if ((at - escaped) % 2 == 0) return at + 1;
  }
  return text.size();
}

// Index after the value that begins at `at`.
std::size_t SkipValue(absl::string_view text, std::size_t at) {
  int open = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = SkipString(text, at);
    } else if (c == '{' || c == '[') {
      ++open;
      ++at;
    } else if (c == '}' || c == ']') {
      if (open == 0) return at;
      --open;
      ++at;
    } else if (open == 0 && (c == ',' || c == ':' || IsSpace(c))) {
      return at;
    } else {
      ++at;
      continue;
    }
    if (open == 0) return at;
  }
  return at;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = absl::ascii_tolower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

std::uint32_t HexFour(absl::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4 && i < text.size(); ++i) {
    value = value * 16 + HexDigit(text[i]);
  }
  return value;
}

void AppendUtf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    out.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

// Appends what the escape after the backslash at `at` stands for; returns the
// index after it.
std::size_t AppendEscape(std::string& out, absl::string_view text,
                         std::size_t at) {
  const char kind = at + 1 < text.size() ? text[at + 1] : '\\';
  switch (kind) {
    case 'b':
      out.push_back('\b');
      return at + 2;
    case 'f':
      out.push_back('\f');
      return at + 2;
    case 'n':
      out.push_back('\n');
      return at + 2;
    case 'r':
      out.push_back('\r');
      return at + 2;
    case 't':
      out.push_back('\t');
      return at + 2;
    case 'u':
      break;
    default:
      out.push_back(kind);
      return at + 2;
  }
  std::uint32_t code = HexFour(text, at + 2);
  at += 6;
  if (code >= 0xD800 && code < 0xDC00) {
    // The checker has seen to it that the second half follows.
    std::uint32_t low = HexFour(text, at + 2);
    code = 0x10000 + ((code - 0xD800) << 10) + (low & 0x3FF);
    at += 6;
  }
  AppendUtf8(out, code);
  return at;
}

std::size_t SkipDigits(absl::string_view text, std::size_t at) {
  while (at < text.size() && absl::ascii_isdigit(text[at])) ++at;
  return at;
}

}  // namespace

void ForEachMember(
    absl::string_view object,
    absl::FunctionRef<bool(absl::string_view, absl::string_view)> visit) {
  if (!IsObject(object)) return;
  std::size_t at = 1;
  while ((at = SkipSpace(object, at)) < object.size() && object[at] == '"') {
    const std::size_t key_end = SkipString(object, at);
    absl::string_view key = object.substr(at, key_end - at);
    at = SkipSpace(object, SkipSpace(object, key_end) + 1);
    if (at >= object.size()) return;
    const std::size_t value_end = SkipValue(object, at);
    if (!visit(key, object.substr(at, value_end - at))) return;
    at = SkipSpace(object, value_end) + 1;
  }
}

void ForEachElement(absl::string_view array,
                    absl::FunctionRef<bool(absl::string_view)> visit) {
  if (!IsArray(array)) return;
  std::size_t at = SkipSpace(array, 1);
  while (at < array.size() && array[at] != ']') {
    const std::size_t end = SkipValue(array, at);
    if (end == at) return;
    if (!visit(array.substr(at, end - at))) return;
    at = SkipSpace(array, SkipSpace(array, end) + 1);
  }
}

absl::string_view Member(absl::string_view object, absl::string_view key) {
  absl::string_view found;
  ForEachMember(object, [&](absl::string_view name, absl::string_view value) {
    if (!StringEquals(name, key)) return true;
    found = value;
    return false;
  });
  return found;
}

bool IsNumber(absl::string_view token) {
  std::size_t at = !token.empty() && token[0] == '-' ? 1 : 0;
  std::size_t end = SkipDigits(token, at);
  if (end == at || (token[at] == '0' && end > at + 1)) return false;
  if (end < token.size() && token[end] == '.') {
    at = end + 1;
    end = SkipDigits(token, at);
    if (end == at) return false;
  }
  if (end < token.size() && (token[end] == 'e' || token[end] == 'E')) {
    at = end + 1;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    end = SkipDigits(token, at);
    if (end == at) return false;
  }
  return end == token.size();
}

std::string DecodeString(absl::string_view quoted) {
  std::string out;
  if (!IsString(quoted) || quoted.size() < 2) return out;
  absl::string_view inner = quoted.substr(1, quoted.size() - 2);
  out.reserve(inner.size());
  for (std::size_t at = 0; at < inner.size();) {
    const std::size_t next = inner.find('\\', at);
    if (next == absl::string_view::npos) {
      out.append(inner.data() + at, inner.size() - at);
      break;
    }
    out.append(inner.data() + at, next - at);
    at = AppendEscape(out, inner, next);
  }
  return out;
}

bool StringEquals(absl::string_view quoted, absl::string_view text) {
  if (!IsString(quoted) || quoted.size() < 2) return false;
  absl::string_view inner = quoted.substr(1, quoted.size() - 2);
  // An escape is longer than what it stands for.
  if (inner.size() < text.size()) return false;
  const bool escaped = inner.find('\\') != absl::string_view::npos;
  if (inner.size() == text.size()) return !escaped && inner == text;
  return escaped && DecodeString(quoted) == text;
}

}  // namespace howdah::jsonrpc

#include "adapter/jsonrpc/writer.h"

#include <simdjson.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace howdah::jsonrpc {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";

bool NeedsEscape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

constexpr std::uint64_t EachByte(std::uint8_t byte) {
  return ~std::uint64_t{0} / 0xFF * byte;
}

// Index of the first of eight bytes to be escaped, or 8.
std::size_t FirstEscapeOfEight(const char* bytes) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  // The high bit of a byte of below(x, n) is set if the byte is less than n; a
  // borrow can set one too many, but only after one that is rightly set.
  const auto below = [](std::uint64_t x, std::uint8_t n) {
    return (x - EachByte(n)) & ~x & EachByte(0x80);
  };
  const std::uint64_t found = below(word, 0x20) |
                              below(word ^ EachByte('"'), 1) |
                              below(word ^ EachByte('\\'), 1);
  return static_cast<std::size_t>(std::countr_zero(found)) / 8;
}

// Index of the next byte to be escaped, or the size.
std::size_t NextEscape(absl::string_view text, std::size_t at) {
  while (at + 8 <= text.size()) {
    const std::size_t first = FirstEscapeOfEight(text.data() + at);
    at += first;
    if (first < 8) return at;
  }
  while (at < text.size() && !NeedsEscape(text[at])) ++at;
  return at;
}

void AppendEscaped(std::string& out, unsigned char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
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
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

// Length of the UTF-8 sequence at the start of `text`, 0 if there is none.
std::size_t SequenceLength(absl::string_view text) {
  const unsigned char lead = text[0];
  std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length > text.size() || !simdjson::validate_utf8(text.data(), length)) {
    return 0;
  }
  return length;
}

std::string Repair(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    if (length == 0) {
      out += kReplacement;
      text.remove_prefix(1);
    } else {
      out.append(text.data(), length);
      text.remove_prefix(length);
    }
  }
  return out;
}

}  // namespace

void AppendString(std::string& out, absl::string_view text) {
  std::string repaired;
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    repaired = Repair(text);
    text = repaired;
  }
  out += '"';
  for (std::size_t clean = 0;;) {
    const std::size_t next = NextEscape(text, clean);
    out.append(text.data() + clean, next - clean);
    if (next == text.size()) break;
    AppendEscaped(out, text[next]);
    clean = next + 1;
  }
  out += '"';
}

void AppendNumber(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  std::array<char, 32> text;
  auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), end.ptr - text.data());
}

std::string BeginResult(absl::string_view id, std::size_t extra) {
  std::string out;
  out.reserve(40 + id.size() + extra);
  absl::StrAppend(&out, R"({"jsonrpc":"2.0","id":)", id, R"(,"result":)");
  return out;
}

std::string ErrorMessage(absl::string_view id, const Error& error,
                         UnknownId unknown) {
  std::string out = R"({"jsonrpc":"2.0",)";
  if (!id.empty()) {
    absl::StrAppend(&out, R"("id":)", id, ",");
  } else if (unknown == UnknownId::kNull) {
    out += R"("id":null,)";
  }
  absl::StrAppend(&out, R"("error":{"code":)", error.code, R"(,"message":)");
  AppendString(out, error.message);
  if (!error.data_json.empty()) {
    absl::StrAppend(&out, R"(,"data":)", error.data_json);
  }
  out += "}}";
  return out;
}

std::string RequestMessage(absl::string_view id, absl::string_view method,
                           absl::string_view params_json) {
  return absl::StrCat(R"({"jsonrpc":"2.0","id":)", id, R"(,"method":")", method,
                      R"(","params":)", params_json, "}");
}

std::string NotificationMessage(absl::string_view method,
                                absl::string_view params_json) {
  return absl::StrCat(R"({"jsonrpc":"2.0","method":")", method,
                      R"(","params":)", params_json, "}");
}

}  // namespace howdah::jsonrpc

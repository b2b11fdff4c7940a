#include "adapter/catalogue/uri_template.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace howdah::catalogue {
namespace {

bool IsUnreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Nothing for what may not stand in a path segment.
std::optional<std::string> Unescape(absl::string_view segment) {
  std::string text;
  for (size_t i = 0; i < segment.size(); ++i) {
    const char c = segment[i];
    if (c == '?' || c == '#') return std::nullopt;
    if (c != '%') {
      text += c;
      continue;
    }
    if (i + 2 >= segment.size()) return std::nullopt;
    const int high = HexDigit(segment[i + 1]);
    const int low = HexDigit(segment[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    text += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return text;
}

void AppendEscaped(absl::string_view text, std::string& out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

}  // namespace

UriTemplate::UriTemplate(absl::string_view text) : text_(text) {
  for (size_t open = text.find('{'); open != text.npos; open = text.find('{')) {
    const size_t close = text.find('}', open);
    if (close == text.npos) break;
    between_.emplace_back(text.substr(0, open));
    variables_.emplace_back(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
  between_.emplace_back(text);
}

std::optional<UriValues> UriTemplate::Match(absl::string_view uri) const {
  if (!absl::ConsumePrefix(&uri, between_.front())) return std::nullopt;
  UriValues values;
  for (size_t i = 0; i < variables_.size(); ++i) {
    const size_t end = std::min(uri.find('/'), uri.size());
    std::optional<std::string> value = Unescape(uri.substr(0, end));
    if (!value || value->empty()) return std::nullopt;
    values[variables_[i]] = *std::move(value);
    uri.remove_prefix(end);
    if (!absl::ConsumePrefix(&uri, between_[i + 1])) return std::nullopt;
  }
  if (!uri.empty()) return std::nullopt;
  return values;
}

std::string UriTemplate::Expand(const UriValues& values) const {
  std::string uri = between_.front();
  for (size_t i = 0; i < variables_.size(); ++i) {
    if (const auto found = values.find(variables_[i]); found != values.end()) {
      AppendEscaped(found->second, uri);
    }
    uri += between_[i + 1];
  }
  return uri;
}

}  // namespace howdah::catalogue

#include "adapter/transcoding/argument_value.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "simdjson.h"

namespace howdah::transcoding {

using simdjson::dom::element;
using simdjson::dom::element_type;

absl::string_view TypeName(const element& value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "a list";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

std::optional<absl::string_view> AsString(const element& value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return absl::string_view(text.data(), text.size());
}

template <typename T>
std::optional<T> AsInteger(const element& value) {
  if (value.is_int64()) {
    const int64_t number = value.get_int64().value_unsafe();
    if (!std::in_range<T>(number)) return std::nullopt;
    return static_cast<T>(number);
  }
  if (value.is_uint64()) {
    const uint64_t number = value.get_uint64().value_unsafe();
    if (!std::in_range<T>(number)) return std::nullopt;
    return static_cast<T>(number);
  }
  if (value.is_double()) {
    const double number = value.get_double().value_unsafe();
    // Above 2^53 a double no longer tells which integer was meant.
    if (number != std::floor(number) || std::abs(number) > 9007199254740992.0) {
      return std::nullopt;
    }
    const auto whole = static_cast<int64_t>(number);
    if (!std::in_range<T>(whole)) return std::nullopt;
    return static_cast<T>(whole);
  }
  T parsed = 0;
  const auto text = AsString(value);
  if (!text || text->empty() || text->front() == ' ' || text->back() == ' ' ||
      !absl::SimpleAtoi(*text, &parsed)) {
    return std::nullopt;
  }
  return parsed;
}

template std::optional<int32_t> AsInteger(const element& value);
template std::optional<uint32_t> AsInteger(const element& value);
template std::optional<int64_t> AsInteger(const element& value);
template std::optional<uint64_t> AsInteger(const element& value);

std::string QuoteLongNumbers(absl::string_view json) {
  constexpr size_t kLongestDigits = 18;
  std::string quoted;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\' && i + 1 < json.size()) {
      quoted += c;
      quoted += json[++i];
      continue;
    }
    if (in_string || !(c == '-' || absl::ascii_isdigit(c))) {
      quoted += c;
      continue;
    }
    const size_t end = json.find_first_not_of("+-.0123456789Ee", i);
    const absl::string_view number = json.substr(i, end - i);
    const bool is_long = number.size() > kLongestDigits;
    absl::StrAppend(&quoted, is_long ? "\"" : "", number, is_long ? "\"" : "");
    i += number.size() - 1;
  }
  return quoted;
}

}  // namespace howdah::transcoding

// JSON values of a tool's arguments, read as generously as models write them.
//
//   AsInteger<int32_t>("3") -> 3      AsInteger<int32_t>(3.5) -> nullopt
#ifndef HOWDAH_ADAPTER_TRANSCODING_ARGUMENT_VALUE_H_
#define HOWDAH_ADAPTER_TRANSCODING_ARGUMENT_VALUE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "simdjson.h"

namespace howdah::transcoding {

// "a list", "a string", …
absl::string_view TypeName(const simdjson::dom::element& value);

std::optional<absl::string_view> AsString(const simdjson::dom::element& value);

// An integer written as a number (3, 3.0) or as a string of digits ("3"). For
// int32_t, uint32_t, int64_t and uint64_t.
template <typename T>
std::optional<T> AsInteger(const simdjson::dom::element& value);

// simdjson refuses a text with a number of more than 64 bits as a whole. As a
// string the number is refused at its field, with what was expected there.
std::string QuoteLongNumbers(absl::string_view json);

}  // namespace howdah::transcoding

#endif  // HOWDAH_ADAPTER_TRANSCODING_ARGUMENT_VALUE_H_

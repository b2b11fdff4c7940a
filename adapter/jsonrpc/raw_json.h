// Finds its way in JSON text that JsonChecker has passed, without building a
// tree: values stay text.
//
//   Member(R"({"name":"a","arguments":{"x":[1]}})", "arguments")
//     -> R"({"x":[1]})"
//
// Reading stays inside the text even if it is not well formed; what is found
// there then means nothing.
#ifndef HOWDAH_ADAPTER_JSONRPC_RAW_JSON_H_
#define HOWDAH_ADAPTER_JSONRPC_RAW_JSON_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace howdah::jsonrpc {

// Text of the member's value; empty if there is none or `object` is no object.
absl::string_view Member(absl::string_view object, absl::string_view key);

// Calls with each raw key (quoted) and value until the function returns false.
void ForEachMember(
    absl::string_view object,
    absl::FunctionRef<bool(absl::string_view, absl::string_view)> visit);

void ForEachElement(absl::string_view array,
                    absl::FunctionRef<bool(absl::string_view)> visit);

inline bool IsObject(absl::string_view value) {
  return !value.empty() && value.front() == '{';
}
inline bool IsArray(absl::string_view value) {
  return !value.empty() && value.front() == '[';
}
inline bool IsString(absl::string_view value) {
  return !value.empty() && value.front() == '"';
}

// Whether the text is a number by JSON's grammar.
bool IsNumber(absl::string_view token);

// The characters a quoted string stands for; empty if it is no string.
std::string DecodeString(absl::string_view quoted);

// Whether the quoted string stands for these characters.
bool StringEquals(absl::string_view quoted, absl::string_view text);

}  // namespace howdah::jsonrpc

#endif  // HOWDAH_ADAPTER_JSONRPC_RAW_JSON_H_

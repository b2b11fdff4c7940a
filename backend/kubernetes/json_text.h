// JSON text to value and back, without exceptions.
#ifndef HOWDAH_BACKEND_KUBERNETES_JSON_TEXT_H_
#define HOWDAH_BACKEND_KUBERNETES_JSON_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json_fwd.hpp"

namespace howdah::kubernetes {

// Returns false if the text is not JSON.
bool ParseJson(absl::string_view text, nlohmann::json& value);

// Compact. Bytes that are not UTF-8 become U+FFFD.
std::string DumpJson(const nlohmann::json& value);

// The string at `key` of an object; "" if it is not there.
std::string TextAt(const nlohmann::json& object, absl::string_view key);

// The value at `key` of an object; null if it is not there.
const nlohmann::json& ValueAt(const nlohmann::json& object,
                              absl::string_view key);

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_JSON_TEXT_H_

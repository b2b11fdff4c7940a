// JSON of commands and of the CLI's results, read strictly.
//
//   ParseJsonValue(R"({"Bucket":"a","Bucket":"b"})")  -> nullopt
#ifndef HOWDAH_BACKEND_AWS_JSON_VALUE_H_
#define HOWDAH_BACKEND_AWS_JSON_VALUE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::aws {

std::optional<nlohmann::json> ParseJsonValue(absl::string_view text);

// Whether the CLI would take it for JSON: an object or a list.
bool IsJsonText(absl::string_view text);

// On one line; bytes that are not UTF-8 cannot stop it.
std::string DumpJson(const nlohmann::json& value);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_JSON_VALUE_H_

// JSON objects of tokens and key sets, read strictly.
//
//   ParseJsonObject(R"({"alg":"RS256","alg":"none"})")  -> nullopt
#ifndef HOWDAH_BACKEND_AUTH_JSON_OBJECT_H_
#define HOWDAH_BACKEND_AUTH_JSON_OBJECT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::auth {

// Nullopt unless the whole text is one object.
std::optional<nlohmann::json> ParseJsonObject(absl::string_view text);

// Value of a member if it is a string, else "".
std::string StringMember(const nlohmann::json& object, const char* key);

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_JSON_OBJECT_H_

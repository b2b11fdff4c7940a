// JSON of tokens, key sets, commands and the results of programs, read
// strictly: UTF-8, no key twice, not deeper than anyone needs. Two readers of
// one text must not see two things.
//
//   ParseStrictly(R"({"alg":"RS256","alg":"none"})", 16)  -> nullopt
#ifndef HOWDAH_BACKEND_JSON_STRICT_JSON_H_
#define HOWDAH_BACKEND_JSON_STRICT_JSON_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::json {

// Nullopt unless the whole text is one value, nested at most `deepest` times.
std::optional<nlohmann::json> ParseStrictly(absl::string_view text,
                                            int deepest);

}  // namespace howdah::json

#endif  // HOWDAH_BACKEND_JSON_STRICT_JSON_H_

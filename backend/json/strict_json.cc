#include "backend/json/strict_json.h"

#include <set>
#include <string>
#include <vector>

namespace howdah::json {

std::optional<nlohmann::json> ParseStrictly(absl::string_view text,
                                            int deepest) {
  using Json = nlohmann::json;
  bool strict = true;
  std::vector<std::set<std::string>> keys;
  const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t what,
                                            Json& parsed) {
    if (depth > deepest) strict = false;
    if (what == Json::parse_event_t::object_start) keys.emplace_back();
    if (what == Json::parse_event_t::object_end) keys.pop_back();
    if (what == Json::parse_event_t::key &&
        !keys.back().insert(parsed.get<std::string>()).second) {
      strict = false;
    }
    return strict;
  };
  // The last argument but one: no exceptions.
  Json value = Json::parse(text.begin(), text.end(), watch, false, false);
  if (!strict || value.is_discarded()) return std::nullopt;
  return value;
}

}  // namespace howdah::json

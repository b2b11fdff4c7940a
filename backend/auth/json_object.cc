#include "backend/auth/json_object.h"

#include <set>
#include <utility>
#include <vector>

namespace howdah::auth {
namespace {

using nlohmann::json;

constexpr int kDeepest = 16;

}  // namespace

std::optional<json> ParseJsonObject(absl::string_view text) {
  bool strict = true;
  std::vector<std::set<std::string>> keys;
  const json::parser_callback_t watch = [&](int depth, json::parse_event_t what,
                                            json& parsed) {
    if (depth > kDeepest) strict = false;
    if (what == json::parse_event_t::object_start) keys.emplace_back();
    if (what == json::parse_event_t::object_end) keys.pop_back();
    if (what == json::parse_event_t::key &&
        !keys.back().insert(parsed.get<std::string>()).second) {
      strict = false;
    }
    return strict;
  };
  // The last argument but one: no exceptions.
  json value = json::parse(text.begin(), text.end(), watch, false, false);
  if (!strict || !value.is_object()) return std::nullopt;
  return value;
}

std::string StringMember(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

}  // namespace howdah::auth

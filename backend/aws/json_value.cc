#include "backend/aws/json_value.h"

#include <set>
#include <vector>

namespace howdah::aws {
namespace {

using nlohmann::json;

constexpr int kDeepest = 64;

}  // namespace

std::optional<json> ParseJsonValue(absl::string_view text) {
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
  if (!strict || value.is_discarded()) return std::nullopt;
  return value;
}

std::string DumpJson(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace howdah::aws

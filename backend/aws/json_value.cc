#include "backend/aws/json_value.h"

#include "backend/json/strict_json.h"

namespace howdah::aws {
namespace {

constexpr int kDeepest = 64;

}  // namespace

std::optional<nlohmann::json> ParseJsonValue(absl::string_view text) {
  return json::ParseStrictly(text, kDeepest);
}

std::string DumpJson(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace howdah::aws

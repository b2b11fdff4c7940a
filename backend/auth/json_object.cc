#include "backend/auth/json_object.h"

#include "backend/json/strict_json.h"

namespace howdah::auth {
namespace {

constexpr int kDeepest = 16;

}  // namespace

std::optional<nlohmann::json> ParseJsonObject(absl::string_view text) {
  std::optional<nlohmann::json> value = json::ParseStrictly(text, kDeepest);
  if (!value || !value->is_object()) return std::nullopt;
  return value;
}

std::string StringMember(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

}  // namespace howdah::auth

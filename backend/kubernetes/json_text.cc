#include "backend/kubernetes/json_text.h"

#include "nlohmann/json.hpp"

namespace howdah::kubernetes {

bool ParseJson(absl::string_view text, nlohmann::json& value) {
  value = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  return !value.is_discarded();
}

std::string DumpJson(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

const nlohmann::json& ValueAt(const nlohmann::json& object,
                              absl::string_view key) {
  static const nlohmann::json* const kNull = new nlohmann::json;
  if (!object.is_object()) return *kNull;
  const auto found = object.find(std::string(key));
  return found == object.end() ? *kNull : *found;
}

std::string TextAt(const nlohmann::json& object, absl::string_view key) {
  const nlohmann::json& value = ValueAt(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace howdah::kubernetes

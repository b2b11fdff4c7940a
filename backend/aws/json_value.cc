#include "backend/aws/json_value.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "backend/json/strict_json.h"

namespace howdah::aws {
namespace {

constexpr int kDeepest = 64;

}  // namespace

std::optional<nlohmann::json> ParseJsonValue(absl::string_view text) {
  return json::ParseStrictly(text, kDeepest);
}

bool IsJsonText(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return absl::StartsWith(text, "{") || absl::StartsWith(text, "[");
}

std::string DumpJson(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace howdah::aws

#include "tests/conformance/fixture_results.h"

#include <utility>

#include "nlohmann/json.hpp"

namespace howdah::conformance {

using mcp::InputRequest;
using mcp::InputRequired;
using mcp::ToolCall;
using mcp::ToolResult;
using Json = nlohmann::json;

ToolResult Text(std::string text) {
  ToolResult result;
  result.text = std::move(text);
  return result;
}

ToolResult Error(std::string text) {
  ToolResult result = Text(std::move(text));
  result.is_error = true;
  return result;
}

ToolResult Ask(std::vector<InputRequest> requests, std::string state) {
  ToolResult result;
  result.input_required = InputRequired{std::move(requests), std::move(state)};
  return result;
}

std::string StringArgument(const ToolCall& call, const char* name) {
  return Json::parse(std::string(call.arguments_json)).value(name, "");
}

std::string Filled(absl::string_view answer, const char* name) {
  const Json json = Json::parse(std::string(answer), nullptr, false);
  if (!json.is_object() || !json.contains("content")) return {};
  return json["content"].value(name, "");
}

InputRequest Form(std::string key, absl::string_view message,
                  const char* properties) {
  const Json fields = Json::parse(properties);
  Json required = Json::array();
  for (const auto& [name, schema] : fields.items()) required.push_back(name);
  const Json params = {
      {"message", std::string(message)},
      {"requestedSchema",
       {{"type", "object"}, {"properties", fields}, {"required", required}}}};
  return {std::move(key), "elicitation/create", params.dump()};
}

}  // namespace howdah::conformance

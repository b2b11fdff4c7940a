#include "tests/conformance/fixture_prompts.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "tests/conformance/fixture_samples.h"

namespace howdah::conformance {
namespace {

using mcp::PromptAnswer;
using mcp::PromptCall;
using mcp::PromptDefinition;
using Json = nlohmann::json;

PromptDefinition Prompt(const char* name, const char* description,
                        std::vector<const char*> arguments = {}) {
  PromptDefinition prompt;
  prompt.name = name;
  prompt.description = description;
  for (const char* argument : arguments) {
    prompt.arguments.push_back(
        {argument, "", absl::StrCat("The ", argument, "."), true});
  }
  return prompt;
}

std::string Argument(const PromptCall& call, absl::string_view name) {
  for (const auto& [given, value] : call.arguments) {
    if (given == name) return value;
  }
  return {};
}

void Say(PromptAnswer& answer, std::string content_json) {
  answer.messages.push_back(
      {mcp::PromptMessage::Role::kUser, std::move(content_json)});
}

void SayWithInput(const PromptCall& call, PromptAnswer& answer) {
  const Json given = Json::parse(
      std::string(mcp::FindInput(call.inputs, "user_context")), nullptr, false);
  if (given.is_object() && given.contains("content")) {
    return Say(answer,
               mcp::TextContent(absl::StrCat(
                   "Context: ", given["content"].value("context", ""))));
  }
  answer.input_required = mcp::InputRequired{
      {{"user_context", "elicitation/create",
        R"({"message":"What context should the prompt use?",)"
        R"("requestedSchema":{"type":"object","properties":{)"
        R"("context":{"type":"string"}},"required":["context"]}})"}},
      ""};
}

}  // namespace

FixturePrompts::FixturePrompts()
    : prompts_{Prompt("test_simple_prompt", "Says one thing."),
               Prompt("test_prompt_with_arguments", "Says its arguments.",
                      {"arg1", "arg2"}),
               Prompt("test_prompt_with_embedded_resource", "Holds a resource.",
                      {"resourceUri"}),
               Prompt("test_prompt_with_image", "Holds an image."),
               Prompt("test_input_required_result_prompt", "Asks first.")} {}

std::unique_ptr<mcp::RunningCall> FixturePrompts::Get(PromptCall call) {
  PromptAnswer answer;
  if (call.name == "test_prompt_with_arguments") {
    Say(answer, mcp::TextContent(absl::StrCat(
                    "Prompt with arguments: arg1='", Argument(call, "arg1"),
                    "', arg2='", Argument(call, "arg2"), "'")));
  } else if (call.name == "test_prompt_with_embedded_resource") {
    const Json resource = {{"uri", Argument(call, "resourceUri")},
                           {"mimeType", "text/plain"},
                           {"text", "Embedded resource content for testing."}};
    Say(answer, Json{{"type", "resource"}, {"resource", resource}}.dump());
    Say(answer,
        mcp::TextContent("Please process the embedded resource above."));
  } else if (call.name == "test_prompt_with_image") {
    Say(answer, absl::StrCat(R"({"type":"image","data":")", kPngBase64,
                             R"(","mimeType":"image/png"})"));
    Say(answer, mcp::TextContent("Please analyze the image above."));
  } else if (call.name == "test_input_required_result_prompt") {
    SayWithInput(call, answer);
  } else {
    Say(answer, mcp::TextContent("This is a simple prompt for testing."));
  }
  call.done(std::move(answer));
  return nullptr;
}

std::unique_ptr<mcp::RunningCall> FixturePrompts::Complete(
    mcp::CompletionRequest request,
    std::function<void(absl::StatusOr<mcp::Completion>)> done) {
  mcp::Completion completion;
  for (const char* value : {"paris", "park", "party"}) {
    if (absl::StartsWith(value, request.value)) {
      completion.values.push_back(value);
    }
  }
  completion.total = completion.values.size();
  done(std::move(completion));
  return nullptr;
}

}  // namespace howdah::conformance

// The tools that ask the client something, in one round or in several.
#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "tests/conformance/fixture_results.h"
#include "tests/conformance/fixture_tools.h"

namespace howdah::conformance {
namespace {

using mcp::FindInput;
using mcp::InputRequest;
using mcp::ToolCall;
using Json = nlohmann::json;

std::string SampledText(absl::string_view answer) {
  const Json json = Json::parse(std::string(answer), nullptr, false);
  if (!json.is_object() || !json.contains("content")) return {};
  const Json& content = json["content"];
  return content.is_object() ? content.value("text", "") : "";
}

InputRequest Sample(std::string key, const std::string& prompt) {
  const Json message = {{"role", "user"},
                        {"content", {{"type", "text"}, {"text", prompt}}}};
  const Json params = {{"messages", {message}}, {"maxTokens", 100}};
  return {std::move(key), "sampling/createMessage", params.dump()};
}

InputRequest Roots(std::string key) {
  return {std::move(key), "roots/list", "{}"};
}

std::string Outcome(absl::string_view answer) {
  const Json json = Json::parse(std::string(answer), nullptr, false);
  if (!json.is_object()) return "Elicitation failed";
  return absl::StrCat(
      "Elicitation completed: action=", json.value("action", ""),
      ", content=", json.value("content", Json::object()).dump());
}

}  // namespace

void FixtureTools::AddQuestions() {
  AddAnswer(
      "test_sampling", "Asks the client's model.",
      [](const ToolCall& call) {
        const absl::string_view answer = FindInput(call.inputs, "sample");
        if (answer.empty()) {
          return Ask({Sample("sample", StringArgument(call, "prompt"))});
        }
        return Text(absl::StrCat("LLM response: ", SampledText(answer)));
      },
      R"({"type":"object","properties":{"prompt":{"type":"string"}},)"
      R"("required":["prompt"]})");
  AddAnswer(
      "test_elicitation", "Asks the user.",
      [](const ToolCall& call) {
        const absl::string_view answer = FindInput(call.inputs, "user");
        if (answer.empty()) {
          return Ask({Form("user", StringArgument(call, "message"),
                           R"({"username":{"type":"string"},)"
                           R"("email":{"type":"string"}})")});
        }
        return Text(absl::StrCat("User response: ", answer));
      },
      R"({"type":"object","properties":{"message":{"type":"string"}},)"
      R"("required":["message"]})");
  AddAnswer(
      "test_elicitation_sep1034_defaults", "Asks with defaults.",
      [](const ToolCall& call) {
        const absl::string_view answer = FindInput(call.inputs, "user");
        if (!answer.empty()) return Text(Outcome(answer));
        return Ask({Form("user", "Please check these",
                         R"({"name":{"type":"string","default":"John Doe"},)"
                         R"("age":{"type":"integer","default":30},)"
                         R"("score":{"type":"number","default":95.5},)"
                         R"("status":{"type":"string",)"
                         R"("enum":["active","inactive","pending"],)"
                         R"("default":"active"},)"
                         R"("verified":{"type":"boolean","default":true}})")});
      });
  AddAnswer(
      "test_elicitation_sep1330_enums", "Asks for choices.",
      [](const ToolCall& call) {
        const absl::string_view answer = FindInput(call.inputs, "user");
        if (!answer.empty()) return Text(Outcome(answer));
        return Ask({Form(
            "user", "Please choose",
            R"({"untitledSingle":{"type":"string",)"
            R"("enum":["option1","option2","option3"]},)"
            R"("titledSingle":{"type":"string","oneOf":[)"
            R"({"const":"value1","title":"First Option"},)"
            R"({"const":"value2","title":"Second Option"},)"
            R"({"const":"value3","title":"Third Option"}]},)"
            R"("legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],)"
            R"("enumNames":["Option One","Option Two","Option Three"]},)"
            R"("untitledMulti":{"type":"array","items":{"type":"string",)"
            R"("enum":["option1","option2","option3"]}},)"
            R"("titledMulti":{"type":"array","items":{"anyOf":[)"
            R"({"const":"value1","title":"First Choice"},)"
            R"({"const":"value2","title":"Second Choice"},)"
            R"({"const":"value3","title":"Third Choice"}]}}})")});
      });
  AddAnswer("test_missing_capability", "Needs the client's model.",
            [](const ToolCall& call) {
              if (FindInput(call.inputs, "sample").empty()) {
                return Ask({Sample("sample", "Anything")});
              }
              return Text("Done.");
            });
  AddAnswer("test_streaming_elicitation", "Asks and never sends a request.",
            [](const ToolCall& call) {
              if (FindInput(call.inputs, "user").empty()) {
                return Ask({Form("user", "Go on?", kOk)});
              }
              return Text("Done.");
            });
}

void FixtureTools::AddRounds() {
  AddAnswer("test_input_required_result_elicitation", "Asks for a name.",
            [](const ToolCall& call) {
              const std::string name =
                  Filled(FindInput(call.inputs, "user_name"), "name");
              if (name.empty()) {
                return Ask({Form("user_name", "What is your name?", kName)});
              }
              return Text(absl::StrCat("Hello, ", name, "!"));
            });
  AddAnswer("test_input_required_result_sampling", "Asks the client's model.",
            [](const ToolCall& call) {
              const absl::string_view answer =
                  FindInput(call.inputs, "capital_question");
              if (answer.empty()) {
                return Ask({Sample("capital_question",
                                   "What is the capital of France?")});
              }
              return Text(SampledText(answer));
            });
  AddAnswer("test_input_required_result_list_roots", "Asks for roots.",
            [](const ToolCall& call) {
              const absl::string_view answer =
                  FindInput(call.inputs, "client_roots");
              if (answer.empty()) return Ask({Roots("client_roots")});
              return Text(absl::StrCat("Roots: ", answer));
            });
  const auto confirm = [](const ToolCall& call) {
    // Only a state of its own counts, whatever the client says.
    if (call.state != "asked" || FindInput(call.inputs, "confirm").empty()) {
      return Ask({Form("confirm", "Please confirm", kOk)}, "asked");
    }
    return Text("state-ok");
  };
  AddAnswer("test_input_required_result_request_state",
            "Needs its state again.", confirm);
  AddAnswer("test_input_required_result_tampered_state",
            "Notices a changed state.", confirm);
  AddAnswer("test_input_required_result_multiple_inputs", "Asks three things.",
            [](const ToolCall& call) {
              if (call.state != "asked" || call.inputs.size() < 3) {
                return Ask({Form("user_name", "What is your name?", kName),
                            Sample("greeting", "Generate a greeting"),
                            Roots("client_roots")},
                           "asked");
              }
              return Text("All three are answered.");
            });
  AddAnswer(
      "test_input_required_result_multi_round", "Asks twice.",
      [](const ToolCall& call) {
        const std::string name =
            Filled(FindInput(call.inputs, "step1"), "name");
        const std::string color =
            Filled(FindInput(call.inputs, "step2"), "color");
        if (!color.empty() && !call.state.empty()) {
          return Text(absl::StrCat(call.state, " likes ", color, "."));
        }
        if (!name.empty()) {
          return Ask({Form("step2", "Step 2: What is your favorite color?",
                           R"({"color":{"type":"string"}})")},
                     name);
        }
        return Ask({Form("step1", "Step 1: What is your name?", kName)}, "new");
      });
  AddAnswer("test_input_required_result_capabilities",
            "Asks only what the client can do.", [](const ToolCall& call) {
              if (!call.inputs.empty()) return Text("Done.");
              std::vector<InputRequest> requests;
              if (call.context.client.elicitation_form) {
                requests.push_back(Form("name", "What is your name?", kName));
              }
              if (call.context.client.sampling) {
                requests.push_back(Sample("greeting", "Generate a greeting"));
              }
              return requests.empty() ? Text("Nothing can be asked.")
                                      : Ask(std::move(requests));
            });
}

}  // namespace howdah::conformance

#include "tests/conformance/fixture_tools.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "tests/conformance/fixture_results.h"
#include "tests/conformance/fixture_samples.h"
#include "tests/conformance/later.h"

namespace howdah::conformance {
namespace {

using mcp::FindInput;
using mcp::InputRequest;
using mcp::ToolCall;
using mcp::ToolResult;
using Json = nlohmann::json;

constexpr char kNoArguments[] =
    R"({"type":"object","additionalProperties":false})";
constexpr absl::Duration kPause = absl::Milliseconds(50);

std::string Media(absl::string_view type, absl::string_view data,
                  absl::string_view mime_type) {
  return absl::StrCat(R"({"type":")", type, R"(","data":")", data,
                      R"(","mimeType":")", mime_type, "\"}");
}

}  // namespace

FixtureTools::FixtureTools(boost::asio::io_context& io, FixtureTasks& tasks,
                           mcp::ListChanges& changes)
    : io_(io) {
  AddContent();
  AddTimed();
  AddQuestions();
  AddRounds();
  AddChanges(changes);
  AddSchemas();
  AddJobs(tasks);
}

bool FixtureTools::Has(absl::string_view name) const {
  for (const mcp::ToolDefinition& tool : tools_) {
    if (tool.name == name) return true;
  }
  return false;
}

std::unique_ptr<mcp::RunningCall> FixtureTools::CallTool(ToolCall call) {
  for (std::size_t i = 0; i < tools_.size(); ++i) {
    if (tools_[i].name == call.name) return runs_[i](std::move(call));
  }
  call.done(Error("There is no such tool."));
  return nullptr;
}

void FixtureTools::Add(absl::string_view name, absl::string_view description,
                       Run run, absl::string_view input_schema_json) {
  mcp::ToolDefinition tool;
  tool.name = std::string(name);
  tool.description = std::string(description);
  tool.input_schema_json =
      std::string(input_schema_json.empty() ? kNoArguments : input_schema_json);
  tools_.push_back(std::move(tool));
  runs_.push_back(std::move(run));
}

void FixtureTools::AddAnswer(absl::string_view name,
                             absl::string_view description, Answer answer,
                             absl::string_view input_schema_json) {
  Add(
      name, description,
      [answer = std::move(answer)](ToolCall call) {
        ToolResult result = answer(call);
        call.done(std::move(result));
        return nullptr;
      },
      input_schema_json);
}

void FixtureTools::AddContent() {
  AddAnswer("test_simple_text", "Gives text.", [](const ToolCall&) {
    return Text("This is a simple text response for testing.");
  });
  AddAnswer("test_image_content", "Gives an image.", [](const ToolCall&) {
    ToolResult result;
    result.blocks_json = {Media("image", kPngBase64, "image/png")};
    return result;
  });
  AddAnswer("test_audio_content", "Gives a sound.", [](const ToolCall&) {
    ToolResult result;
    result.blocks_json = {Media("audio", kWavBase64, "audio/wav")};
    return result;
  });
  AddAnswer("test_embedded_resource", "Gives a resource.", [](const ToolCall&) {
    ToolResult result;
    result.blocks_json = {
        R"({"type":"resource","resource":{)"
        R"("uri":"test://embedded-resource","mimeType":"text/plain",)"
        R"("text":"This is an embedded resource content."}})"};
    return result;
  });
  AddAnswer("test_multiple_content_types", "Gives some of everything.",
            [](const ToolCall&) {
              ToolResult result = Text("Multiple content types test:");
              result.blocks_json = {
                  Media("image", kPngBase64, "image/png"),
                  R"({"type":"resource","resource":{)"
                  R"("uri":"test://mixed-content-resource",)"
                  R"("mimeType":"application/json",)"
                  R"("text":"{\"test\":\"data\",\"value\":123}"}})"};
              return result;
            });
  AddAnswer("test_error_handling", "Fails.", [](const ToolCall&) {
    return Error("This tool intentionally returns an error for testing");
  });
}

void FixtureTools::AddTimed() {
  Add("test_tool_with_progress", "Tells its progress.", [this](ToolCall call) {
    const auto shared = std::make_shared<ToolCall>(std::move(call));
    const auto tell = [shared](double progress) {
      if (shared->on_progress) shared->on_progress({progress, 100, {}});
    };
    return InSteps(io_, kPause,
                   {[=] { tell(0); }, [=] { tell(50); },
                    [=] {
                      tell(100);
                      shared->done(Text("Done."));
                    }});
  });
  Add("test_tool_with_logging", "Logs what it does.", [this](ToolCall call) {
    const auto shared = std::make_shared<ToolCall>(std::move(call));
    const auto log = [shared](const char* data_json) {
      if (shared->log) shared->log(mcp::LogLevel::kInfo, data_json);
    };
    return InSteps(io_, kPause,
                   {[=] { log(R"("Tool execution started")"); },
                    [=] { log(R"("Tool processing data")"); },
                    [=] {
                      log(R"("Tool execution completed")");
                      shared->done(Text("Done."));
                    }});
  });
  AddAnswer("test_logging_tool", "Logs, where that is wanted.",
            [](const ToolCall& call) {
              if (call.log) call.log(mcp::LogLevel::kInfo, R"("Working")");
              return Text("Done.");
            });
  Add("test_reconnection", "Hangs up before it answers.",
      [this](ToolCall call) {
        const auto shared = std::make_shared<ToolCall>(std::move(call));
        return InSteps(
            io_, 2 * kPause,
            {[=] { shared->release(); },
             [=] { shared->done(Text("Answered after a while.")); }});
      });
}

void FixtureTools::AddChanges(mcp::ListChanges& changes) {
  AddAnswer("test_trigger_tool_change", "Tells that the tools have changed.",
            [&changes](const ToolCall&) {
              changes.Tell(mcp::ListKind::kTools);
              return Text("Told.");
            });
  AddAnswer("test_trigger_prompt_change",
            "Tells that the prompts have changed.",
            [&changes](const ToolCall&) {
              changes.Tell(mcp::ListKind::kPrompts);
              return Text("Told.");
            });
}

void FixtureTools::AddSchemas() {
  const auto done = [](const ToolCall&) { return Text("Done."); };
  AddAnswer("test_param_header", "Has an argument that headers repeat.", done,
            R"({"type":"object","properties":{)"
            R"("region":{"type":"string","x-mcp-header":"Region"},)"
            R"("count":{"type":"integer","x-mcp-header":"Count"}}})");
  AddAnswer(
      "json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features",
      done,
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)"
      R"("type":"object","$defs":{"address":{"$anchor":"addressDef",)"
      R"("type":"object","properties":{"street":{"type":"string"},)"
      R"("city":{"type":"string"}}}},"properties":{"name":{"type":"string"},)"
      R"("address":{"$ref":"#/$defs/address"},"contactMethod":{)"
      R"("type":"string","enum":["phone","email"]},"phone":{"type":"string"},)"
      R"("email":{"type":"string"}},"allOf":[{"anyOf":[{"required":["phone"]},)"
      R"({"required":["email"]}]}],"if":{"properties":{"contactMethod":{)"
      R"("const":"phone"}},"required":["contactMethod"]},)"
      R"("then":{"required":["phone"]},"else":{"required":["email"]},)"
      R"("additionalProperties":false})");
}

void FixtureTools::AddJobs(FixtureTasks& tasks) {
  const auto begin = [&tasks](absl::Duration time, Change change) {
    ToolResult result;
    result.task = tasks.Begin();
    tasks.After(result.task->id, time, std::move(change));
    return result;
  };
  const auto needs_task = [] {
    ToolResult result;
    result.needs_task = true;
    return result;
  };
  AddAnswer(
      "greet", "Greets.",
      [](const ToolCall& call) {
        return Text(absl::StrCat("Hello, ", StringArgument(call, "name"), "!"));
      },
      R"({"type":"object","properties":{"name":{"type":"string"}}})");
  Add(
      "slow_compute", "Takes as long as it is told.",
      [this, begin](ToolCall call) -> std::unique_ptr<mcp::RunningCall> {
        const Json arguments = Json::parse(std::string(call.arguments_json));
        const absl::Duration time =
            absl::Seconds(arguments.value("seconds", 0));
        if (call.may_become_task && time > absl::ZeroDuration()) {
          call.done(begin(time, CompletedWith("Computed.")));
          return nullptr;
        }
        return Later(io_, time, [done = std::move(call.done)] {
          done(Text("Computed."));
        });
      },
      R"({"type":"object","properties":{"seconds":{"type":"number"},)"
      R"("label":{"type":"string"}}})");
  AddAnswer("failing_job", "Fails after a while.", [=](const ToolCall& call) {
    if (!call.may_become_task) return needs_task();
    return begin(absl::Seconds(1), CompletedWith("The job failed.", true));
  });
  AddAnswer("protocol_error_job", "Ends in a fault of the protocol.",
            [=](const ToolCall& call) {
              if (!call.may_become_task) return needs_task();
              return begin(4 * kPause, FailedWith("The job broke."));
            });
  const auto ask_in_task = [&tasks, needs_task](
                               const ToolCall& call,
                               std::vector<InputRequest> requests) {
    if (!call.may_become_task) return needs_task();
    ToolResult result;
    result.task = tasks.Begin(std::move(requests));
    return result;
  };
  AddAnswer(
      "confirm_delete", "Asks before it deletes.",
      [=](const ToolCall& call) {
        return ask_in_task(call, {Form("confirm", "Delete it?",
                                       R"({"confirm":{"type":"boolean"}})")});
      },
      R"({"type":"object","properties":{"filename":{"type":"string"}}})");
  AddAnswer(
      "multi_input", "Asks two things at once.", [=](const ToolCall& call) {
        return ask_in_task(call, {Form("first", "What is your name?", kName),
                                  Form("second", "And another?", kName)});
      });
  AddAnswer("test_tool_with_task", "Asks first and then goes on as a task.",
            [=](const ToolCall& call) {
              const std::string name =
                  Filled(FindInput(call.inputs, "user_name"), "name");
              if (name.empty()) {
                return Ask({Form("user_name", "What is your name?", kName)});
              }
              if (!call.may_become_task) return needs_task();
              return begin(4 * kPause,
                           CompletedWith(absl::StrCat("Hello, ", name, "!")));
            });
}

}  // namespace howdah::conformance

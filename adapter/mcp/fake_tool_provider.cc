#include "adapter/mcp/fake_tool_provider.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/mcp/fake_providers.h"

namespace howdah::mcp {
namespace {

ToolDefinition Tool(const char* name, const char* title, bool read_only) {
  ToolDefinition tool;
  tool.name = name;
  tool.title = title;
  tool.description = absl::StrCat(title, ".");
  tool.toolset = "things";
  tool.input_schema_json = R"({"type":"object","properties":{}})";
  tool.output_schema_json = R"({"type":"object"})";
  tool.read_only = read_only;
  tool.destructive = false;
  tool.open_world = false;
  return tool;
}

InputRequired Form(const char* key, const char* message, std::string state) {
  return {{{key, "elicitation/create",
            absl::StrCat(R"({"message":")", message, "\"}")}},
          std::move(state)};
}

// First whether, then why; the state carries the first answer to the second
// round.
ToolResult Ask(const ToolCall& call) {
  ToolResult result;
  const absl::string_view whether = FindInput(call.inputs, "whether");
  const absl::string_view why = FindInput(call.inputs, "why");
  if (!why.empty() && !call.state.empty()) {
    result.text = absl::StrCat(call.state, " because ", why);
  } else if (!whether.empty()) {
    result.input_required = Form("why", "Why?", std::string(whether));
  } else {
    result.input_required = Form("whether", "Whether?", "");
  }
  return result;
}

}  // namespace

// Knows where its call is waiting.
class FakeToolProvider::Running : public RunningCall {
 public:
  Running(FakeToolProvider& provider, std::list<ToolCall>::iterator call)
      : provider_(provider), call_(call) {}
  void Cancel() override {
    ++provider_.cancelled_;
    provider_.pending_.erase(call_);
  }

 private:
  FakeToolProvider& provider_;
  std::list<ToolCall>::iterator call_;
};

FakeToolProvider::FakeToolProvider() {
  tools_.push_back(Tool("list_things", "List things", true));
  tools_.push_back(Tool("create_thing", "Create a thing", false));
  tools_.push_back(Tool("break_thing", "Break a thing", false));
  tools_.push_back(Tool("slow_thing", "Take some time", true));
  tools_.push_back(Tool("ask_thing", "Ask about a thing", true));
  tools_.push_back(Tool("long_thing", "Take a long time", false));
  tools_.push_back(Tool("show_thing", "Show a thing", true));
  tools_.back().icons_json = R"([{"src":"data:,"}])";
  tools_.back().input_schema_json =
      R"({"type":"object","properties":{)"
      R"("size":{"type":"integer","x-mcp-header":"Size"}}})";
}

bool FakeToolProvider::Has(absl::string_view name) const {
  for (const ToolDefinition& tool : tools_) {
    if (tool.name == name) return true;
  }
  return false;
}

std::unique_ptr<RunningCall> FakeToolProvider::CallTool(ToolCall call) {
  seen_.push_back({call.name, std::string(call.arguments_json),
                   call.context.bearer_token, call.context.traceparent,
                   call.context.request_id, call.context.read_only,
                   static_cast<bool>(call.on_progress)});
  if (call.name == "slow_thing") {
    pending_.push_back(std::move(call));
    return std::make_unique<Running>(*this, std::prev(pending_.end()));
  }
  if (call.log) call.log(LogLevel::kInfo, R"("Looking.")");
  if (call.log) call.log(LogLevel::kDebug, R"({"details":1})");
  ToolResult result;
  if (call.name == "ask_thing") {
    result = Ask(call);
    call.done(std::move(result));
    return nullptr;
  }
  if (call.name == "long_thing") {
    result.needs_task = !call.may_become_task;
    if (call.may_become_task) {
      result.task = std::make_shared<TaskState>(FakeTasks::AtWork());
    }
    call.done(std::move(result));
    return nullptr;
  }
  if (call.name == "show_thing") {
    result.blocks_json = {
        R"({"type":"image","data":"","mimeType":"image/png"})",
        R"({"type":"audio","data":"","mimeType":"audio/wav"})",
        R"({"type":"resource_link","uri":"thing://a","name":"a"})"};
    call.done(std::move(result));
    return nullptr;
  }
  result.is_error = call.name == "break_thing";
  result.text = result.is_error
                    ? "The thing \"a\" cannot be broken.\nTry another."
                    : absl::StrCat("Arguments: ", call.arguments_json);
  if (!result.is_error) {
    result.structured_json =
        absl::StrCat(R"({"arguments":)", call.arguments_json, "}");
  }
  call.done(std::move(result));
  return nullptr;
}

void FakeToolProvider::Progress(double progress, const std::string& message) {
  ToolCall& call = pending_.front();
  if (call.on_progress) call.on_progress({progress, 100, message});
}

void FakeToolProvider::Finish(const std::string& text) {
  ToolCall call = std::move(pending_.front());
  pending_.pop_front();
  ToolResult result;
  result.text = text;
  result.structured_json = R"({"done":true})";
  call.done(std::move(result));
}

}  // namespace howdah::mcp

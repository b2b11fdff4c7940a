#include "adapter/mcp/fake_tool_provider.h"

#include <utility>

#include "absl/strings/str_cat.h"

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
                   call.context.read_only,
                   static_cast<bool>(call.on_progress)});
  if (call.name == "slow_thing") {
    pending_.push_back(std::move(call));
    return std::make_unique<Running>(*this, std::prev(pending_.end()));
  }
  ToolResult result;
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

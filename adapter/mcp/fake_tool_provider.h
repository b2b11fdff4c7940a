// Tools that need no backend, for tests.
//
//   list_things   read only; answers with its arguments
//   create_thing  the same, but writes
//   break_thing   fails
//   slow_thing    is under way until the test says otherwise
//   ask_thing     asks the user twice and tells what they said
//   long_thing    goes on as a task
//   show_thing    answers with all kinds of content
#ifndef HOWDAH_ADAPTER_MCP_FAKE_TOOL_PROVIDER_H_
#define HOWDAH_ADAPTER_MCP_FAKE_TOOL_PROVIDER_H_

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "adapter/mcp/tool_provider.h"

namespace howdah::mcp {

class FakeToolProvider : public ToolProvider {
 public:
  // What the last call was given.
  struct Seen {
    std::string name, arguments, bearer_token, traceparent, request_id;
    bool read_only = false;
    bool wants_progress = false;
  };

  FakeToolProvider();

  const std::vector<ToolDefinition>& tools() const override { return tools_; }
  bool Has(absl::string_view name) const override;
  std::unique_ptr<RunningCall> CallTool(ToolCall call) override;

  // Of the oldest slow_thing under way.
  void Progress(double progress, const std::string& message);
  void Finish(const std::string& text);

  int pending() const { return static_cast<int>(pending_.size()); }
  int cancelled() const { return cancelled_; }
  const std::vector<Seen>& seen() const { return seen_; }

 private:
  class Running;

  std::vector<ToolDefinition> tools_;
  std::vector<Seen> seen_;
  std::list<ToolCall> pending_;
  int cancelled_ = 0;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_FAKE_TOOL_PROVIDER_H_

// tools/call: from the message to the provider, and back by way of progress,
// logs, questions to the client, a task or a result.
#ifndef HOWDAH_ADAPTER_MCP_TOOL_CALLS_H_
#define HOWDAH_ADAPTER_MCP_TOOL_CALLS_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/mcp/calls.h"
#include "adapter/mcp/input_rounds.h"
#include "adapter/mcp/param_headers.h"
#include "adapter/mcp/request.h"
#include "adapter/mcp/results.h"
#include "adapter/mcp/task_ids.h"
#include "adapter/mcp/tool_provider.h"

namespace howdah::mcp {

// Threads: one. All that it is given must outlive it.
class ToolCalls {
 public:
  // `has_tasks`: whether a call may become a task at all.
  ToolCalls(ToolProvider& provider, bool has_tasks, Calls& calls,
            const Results& results, InputRounds& rounds,
            const TaskIds& task_ids)
      : provider_(provider),
        has_tasks_(has_tasks),
        calls_(calls),
        results_(results),
        rounds_(rounds),
        task_ids_(task_ids),
        param_headers_(provider) {}

  void Start(Request& request);

  // The tools have changed.
  void Forget() { param_headers_.Forget(); }

 private:
  // What the message says; refused and false if it says it wrongly.
  struct Given {
    std::string name;
    absl::string_view arguments_json;
    absl::string_view progress_token;
  };
  bool Read(const Request& request, Given& given) const;
  // Refuses a call that the caller's token does not allow, naming all scopes
  // with which it would; false if there is nothing to refuse. The backend
  // decides for itself; this is how a client learns to ask for more.
  bool LacksScopes(const Request& request, absl::string_view name) const;

  void Run(Call& call, ToolCall tool_call);
  void Repeat(Call& call, RoundAnswers answers);
  void OnProgress(Call& call, const ToolProgress& progress);
  void OnDone(Call& call, const ToolResult& result);
  void AnswerTask(Call& call, const TaskState& task);
  std::string NoSuchTool(absl::string_view name) const;
  std::string ExampleTool() const;

  ToolProvider& provider_;
  const bool has_tasks_;
  Calls& calls_;
  const Results& results_;
  InputRounds& rounds_;
  const TaskIds& task_ids_;
  ParamHeaders param_headers_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TOOL_CALLS_H_

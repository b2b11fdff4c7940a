// The seam between MCP's tasks (extension io.modelcontextprotocol/tasks) and
// the long work they stand for. The contract of threads and callbacks is that
// of tool_provider.h.
//
//   CallTool(create_postgres_cluster)  -> ToolResult{.task = {.id = "op-1"}}
//   Get("op-1")                        -> {.status = kWorking, ...}
//   Get("op-1")                        -> {.status = kCompleted, .result = ..}
//
// Clients never see a provider's id: the server seals it together with the
// principal that began the task, so that no one else can use it and none can be
// guessed.
#ifndef HOWDAH_ADAPTER_MCP_TASK_PROVIDER_H_
#define HOWDAH_ADAPTER_MCP_TASK_PROVIDER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/jsonrpc/errors.h"
#include "adapter/mcp/client_input.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/running_call.h"
#include "adapter/mcp/tool_provider.h"

namespace howdah::mcp {

enum class TaskStatus {
  kWorking,
  kInputRequired,
  // The tool has ended, well or with is_error.
  kCompleted,
  // It ended with a protocol error.
  kFailed,
  kCancelled
};

struct TaskState {
  // The provider's id.
  std::string id;
  TaskStatus status = TaskStatus::kWorking;
  std::string message;
  absl::Time created;
  absl::Time updated;
  // How long after its creation it can be asked for; unset for no limit.
  std::optional<absl::Duration> ttl;
  // How often clients should ask.
  std::optional<absl::Duration> poll_interval;
  // What kInputRequired waits for. Keys are never used twice in a task.
  std::vector<InputRequest> input_requests;
  // Of kCompleted.
  std::shared_ptr<const ToolResult> result;
  // Of kFailed.
  std::optional<jsonrpc::Error> error;
};

// Destroying it ends the watching; that may happen inside `on_change`.
class TaskWatch {
 public:
  virtual ~TaskWatch() = default;
};

// An unknown or expired id is NOT_FOUND.
class TaskProvider {
 public:
  virtual ~TaskProvider() = default;

  virtual std::unique_ptr<RunningCall> Get(
      absl::string_view id, const RequestContext& context,
      std::function<void(absl::StatusOr<TaskState>)> done) = 0;

  // Answers what the task has asked for, all of it or a part.
  virtual std::unique_ptr<RunningCall> Update(
      absl::string_view id, InputResponses inputs,
      const RequestContext& context,
      std::function<void(absl::Status)> done) = 0;

  // Asks for the end of the task. OK also for what has ended already, and for
  // work that goes on all the same.
  virtual std::unique_ptr<RunningCall> Cancel(
      absl::string_view id, const RequestContext& context,
      std::function<void(absl::Status)> done) = 0;

  // Calls `on_change` with each new state; never before it returns.
  virtual absl::StatusOr<std::unique_ptr<TaskWatch>> Watch(
      absl::string_view id, const RequestContext& context,
      std::function<void(const TaskState&)> on_change) = 0;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TASK_PROVIDER_H_

// MCP tasks that are operations of the backend.
//
//   result.task = OperationTasks::Begin(tool, operation, now);
//   tasks.Get(result.task->id, context, ...);   // GetOperation
//
// Nothing is kept here: a task's id is the operation's name together with the
// tool and the time it began, so any replica answers for it. The MCP server
// seals ids and binds them to their principal.
#ifndef HOWDAH_ADAPTER_TOOLS_OPERATION_TASKS_H_
#define HOWDAH_ADAPTER_TOOLS_OPERATION_TASKS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/catalogue/catalogue.h"
#include "adapter/mcp/task_provider.h"
#include "adapter/upstream/unary_caller.h"
#include "howdah/operations/v1/operations_service.pb.h"

namespace howdah::tools {

// Threads: one. Owns: nothing; catalogue and caller must outlive it and its
// calls and watches. Limits: cancelling a task ends the waiting at the backend;
// the work itself goes on, which its state says.
class OperationTasks : public mcp::TaskProvider {
 public:
  using Operation = howdah::operations::v1::Operation;

  OperationTasks(const catalogue::Catalogue& catalogue,
                 upstream::UnaryCaller& caller,
                 std::function<absl::Time()> now = &absl::Now);

  // The task of an operation that a call of `tool` has begun.
  static std::shared_ptr<const mcp::TaskState> Begin(
      const catalogue::Tool& tool, const Operation& operation, absl::Time now);

  std::unique_ptr<mcp::RunningCall> Get(
      absl::string_view id, const mcp::RequestContext& context,
      std::function<void(absl::StatusOr<mcp::TaskState>)> done) override;
  std::unique_ptr<mcp::RunningCall> Update(
      absl::string_view id, mcp::InputResponses inputs,
      const mcp::RequestContext& context,
      std::function<void(absl::Status)> done) override;
  std::unique_ptr<mcp::RunningCall> Cancel(
      absl::string_view id, const mcp::RequestContext& context,
      std::function<void(absl::Status)> done) override;
  absl::StatusOr<std::unique_ptr<mcp::TaskWatch>> Watch(
      absl::string_view id, const mcp::RequestContext& context,
      std::function<void(const mcp::TaskState&)> on_change) override;

 private:
  // What an id says.
  struct Task {
    const catalogue::Tool* tool = nullptr;
    absl::Time created;
    std::string id;
    std::string operation;
  };
  absl::StatusOr<Task> Find(absl::string_view id) const;
  mcp::TaskState StateOf(const Task& task, const Operation& operation) const;

  const catalogue::Catalogue& catalogue_;
  upstream::UnaryCaller& caller_;
  const std::function<absl::Time()> now_;
};

}  // namespace howdah::tools

#endif  // HOWDAH_ADAPTER_TOOLS_OPERATION_TASKS_H_

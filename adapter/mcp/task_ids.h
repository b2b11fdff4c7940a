// The ids of tasks as clients see them: the provider's id, sealed for the
// principal that began the task.
#ifndef HOWDAH_ADAPTER_MCP_TASK_IDS_H_
#define HOWDAH_ADAPTER_MCP_TASK_IDS_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/mcp/sealed_state.h"
#include "adapter/mcp/task_provider.h"

namespace howdah::mcp {

// Threads: any. The sealer must outlive it.
class TaskIds {
 public:
  TaskIds(const StateSealer& sealer, std::function<absl::Time()> now)
      : sealer_(sealer), now_(std::move(now)) {}

  // Lives as long as the task.
  std::string Seal(const TaskState& task, absl::string_view principal) const {
    return sealer_.Seal(
        task.id, Binding({"task", principal}),
        task.ttl ? task.created + *task.ttl : absl::InfiniteFuture());
  }

  // The provider's id.
  absl::StatusOr<std::string> Open(absl::string_view id,
                                   absl::string_view principal) const {
    return sealer_.Open(id, Binding({"task", principal}), now_());
  }

 private:
  const StateSealer& sealer_;
  const std::function<absl::Time()> now_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TASK_IDS_H_

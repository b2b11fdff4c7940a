// tasks/get, tasks/update and tasks/cancel of the tasks extension.
#ifndef HOWDAH_ADAPTER_MCP_TASK_METHODS_H_
#define HOWDAH_ADAPTER_MCP_TASK_METHODS_H_

#include <string>

#include "absl/status/status.h"
#include "adapter/mcp/calls.h"
#include "adapter/mcp/request.h"
#include "adapter/mcp/results.h"
#include "adapter/mcp/task_ids.h"
#include "adapter/mcp/task_provider.h"

namespace howdah::mcp {

// Threads: one. All that it is given must outlive it.
class TaskMethods {
 public:
  TaskMethods(TaskProvider& provider, Calls& calls, const Results& results,
              const TaskIds& task_ids)
      : provider_(provider),
        calls_(calls),
        results_(results),
        task_ids_(task_ids) {}

  void Get(Request& request);
  void Update(Request& request);
  void Cancel(Request& request);

 private:
  // The provider's id. Refuses and gives false if there is none.
  bool Find(const Request& request, std::string& id) const;
  void Acknowledge(Call& call, const absl::Status& status);

  TaskProvider& provider_;
  Calls& calls_;
  const Results& results_;
  const TaskIds& task_ids_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TASK_METHODS_H_

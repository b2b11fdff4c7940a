#include "tests/conformance/fixture_tasks.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/conformance/later.h"

namespace howdah::conformance {
namespace {

using mcp::TaskState;
using mcp::TaskStatus;

absl::Status NoSuchTask() {
  return absl::NotFoundError("There is no such task.");
}

bool Ended(const TaskState& state) {
  return state.status != TaskStatus::kWorking &&
         state.status != TaskStatus::kInputRequired;
}

}  // namespace

Change CompletedWith(std::string text, bool is_error) {
  return [text = std::move(text), is_error](TaskState& state) {
    mcp::ToolResult result;
    result.text = text;
    result.is_error = is_error;
    state.status = TaskStatus::kCompleted;
    state.result = std::make_shared<mcp::ToolResult>(std::move(result));
  };
}

Change FailedWith(std::string message) {
  return [message = std::move(message)](TaskState& state) {
    state.status = TaskStatus::kFailed;
    state.error = jsonrpc::InternalError(message);
  };
}

// Leaves the task's watchers with its own end.
class FixtureTasks::Watching : public mcp::TaskWatch {
 public:
  Watching(FixtureTasks& tasks, std::string id, int number)
      : tasks_(tasks), id_(std::move(id)), number_(number) {}
  ~Watching() override {
    if (Task* task = tasks_.Find(id_)) task->watchers.erase(number_);
  }

 private:
  FixtureTasks& tasks_;
  const std::string id_;
  const int number_;
};

std::shared_ptr<const TaskState> FixtureTasks::Begin(
    std::vector<mcp::InputRequest> requests) {
  TaskState state;
  state.id = absl::StrCat("task-", tasks_.size() + 1);
  state.status =
      requests.empty() ? TaskStatus::kWorking : TaskStatus::kInputRequired;
  state.created = state.updated = absl::Now();
  state.ttl = absl::Hours(1);
  state.poll_interval = absl::Milliseconds(200);
  state.input_requests = std::move(requests);
  tasks_[state.id].state = state;
  return std::make_shared<TaskState>(std::move(state));
}

void FixtureTasks::After(const std::string& id, absl::Duration time,
                         Change change) {
  Task& task = tasks_.at(id);
  task.work = Later(io_, time, [this, &task, change = std::move(change)] {
    Apply(task, change);
  });
}

FixtureTasks::Task* FixtureTasks::Find(absl::string_view id) {
  const auto found = tasks_.find(std::string(id));
  return found == tasks_.end() ? nullptr : &found->second;
}

void FixtureTasks::Apply(Task& task, const Change& change) {
  change(task.state);
  task.state.updated = absl::Now();
  for (const auto& [number, watcher] : task.watchers) watcher(task.state);
}

std::unique_ptr<mcp::RunningCall> FixtureTasks::Get(
    absl::string_view id, const mcp::RequestContext&,
    std::function<void(absl::StatusOr<TaskState>)> done) {
  const Task* task = Find(id);
  if (task == nullptr) {
    done(NoSuchTask());
  } else {
    done(task->state);
  }
  return nullptr;
}

std::unique_ptr<mcp::RunningCall> FixtureTasks::Update(
    absl::string_view id, mcp::InputResponses inputs,
    const mcp::RequestContext&, std::function<void(absl::Status)> done) {
  Task* task = Find(id);
  if (task == nullptr) {
    done(NoSuchTask());
    return nullptr;
  }
  std::vector<mcp::InputRequest>& waiting = task->state.input_requests;
  waiting.erase(
      std::remove_if(waiting.begin(), waiting.end(),
                     [&](const mcp::InputRequest& request) {
                       return !mcp::FindInput(inputs, request.key).empty();
                     }),
      waiting.end());
  if (waiting.empty() && task->state.status == TaskStatus::kInputRequired) {
    Apply(*task, CompletedWith("All answers are in."));
  }
  done(absl::OkStatus());
  return nullptr;
}

std::unique_ptr<mcp::RunningCall> FixtureTasks::Cancel(
    absl::string_view id, const mcp::RequestContext&,
    std::function<void(absl::Status)> done) {
  Task* task = Find(id);
  if (task != nullptr && !Ended(task->state)) {
    if (task->work != nullptr) task->work->Cancel();
    Apply(*task,
          [](TaskState& state) { state.status = TaskStatus::kCancelled; });
  }
  done(task == nullptr ? NoSuchTask() : absl::OkStatus());
  return nullptr;
}

absl::StatusOr<std::unique_ptr<mcp::TaskWatch>> FixtureTasks::Watch(
    absl::string_view id, const mcp::RequestContext&,
    std::function<void(const TaskState&)> on_change) {
  Task* task = Find(id);
  if (task == nullptr) return NoSuchTask();
  task->watchers[++last_watcher_] = std::move(on_change);
  return std::make_unique<Watching>(*this, std::string(id), last_watcher_);
}

}  // namespace howdah::conformance

// Tasks kept in memory, for the conformance suite.
//
//   auto task = tasks.Begin();
//   tasks.After(task->id, absl::Seconds(1), CompletedWith("Done."));
#ifndef HOWDAH_TESTS_CONFORMANCE_FIXTURE_TASKS_H_
#define HOWDAH_TESTS_CONFORMANCE_FIXTURE_TASKS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/mcp/task_provider.h"
#include "boost/asio/io_context.hpp"

namespace howdah::conformance {

// Brings a task to its next state.
using Change = std::function<void(mcp::TaskState&)>;

Change CompletedWith(std::string text, bool is_error = false);
Change FailedWith(std::string message);

// Threads: the one that runs the io_context. Owns: the tasks, until it ends.
class FixtureTasks : public mcp::TaskProvider {
 public:
  explicit FixtureTasks(boost::asio::io_context& io) : io_(io) {}

  // A task at work, or one that waits for answers.
  std::shared_ptr<const mcp::TaskState> Begin(
      std::vector<mcp::InputRequest> requests = {});

  // Changes the task after the time, unless it was cancelled.
  void After(const std::string& id, absl::Duration time, Change change);

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
  class Watching;
  struct Task {
    mcp::TaskState state;
    std::unique_ptr<mcp::RunningCall> work;
    std::map<int, std::function<void(const mcp::TaskState&)>> watchers;
  };

  Task* Find(absl::string_view id);
  void Apply(Task& task, const Change& change);

  boost::asio::io_context& io_;
  std::map<std::string, Task, std::less<>> tasks_;
  int last_watcher_ = 0;
};

}  // namespace howdah::conformance

#endif  // HOWDAH_TESTS_CONFORMANCE_FIXTURE_TASKS_H_

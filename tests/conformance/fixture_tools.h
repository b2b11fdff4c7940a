// The tools that the official conformance suite calls: each answers, asks or
// fails in the one way that its scenario expects.
//
//   test_*        content, progress, logs, questions to the client
//   greet, slow_compute, failing_job, ...   work that may become a task
#ifndef HOWDAH_TESTS_CONFORMANCE_FIXTURE_TOOLS_H_
#define HOWDAH_TESTS_CONFORMANCE_FIXTURE_TOOLS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/mcp/list_changes.h"
#include "adapter/mcp/tool_provider.h"
#include "boost/asio/io_context.hpp"
#include "tests/conformance/fixture_tasks.h"

namespace howdah::conformance {

// Threads: the one that runs the io_context, which must outlive it as must the
// rest it is given.
class FixtureTools : public mcp::ToolProvider {
 public:
  FixtureTools(boost::asio::io_context& io, FixtureTasks& tasks,
               mcp::ListChanges& changes);

  const std::vector<mcp::ToolDefinition>& tools() const override {
    return tools_;
  }
  bool Has(absl::string_view name) const override;
  std::unique_ptr<mcp::RunningCall> CallTool(mcp::ToolCall call) override;

 private:
  using Run = std::function<std::unique_ptr<mcp::RunningCall>(mcp::ToolCall)>;
  // Gives its result at once.
  using Answer = std::function<mcp::ToolResult(const mcp::ToolCall&)>;

  void Add(absl::string_view name, absl::string_view description, Run run,
           absl::string_view input_schema_json = {});
  void AddAnswer(absl::string_view name, absl::string_view description,
                 Answer answer, absl::string_view input_schema_json = {});
  void AddContent();
  void AddTimed();
  void AddQuestions();
  void AddRounds();
  void AddChanges(mcp::ListChanges& changes);
  void AddSchemas();
  void AddJobs(FixtureTasks& tasks);

  boost::asio::io_context& io_;
  std::vector<mcp::ToolDefinition> tools_;
  // As many as tools_, in the same order.
  std::vector<Run> runs_;
};

}  // namespace howdah::conformance

#endif  // HOWDAH_TESTS_CONFORMANCE_FIXTURE_TOOLS_H_

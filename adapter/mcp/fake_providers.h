// Resources, prompts, completion and tasks that need no backend, for tests.
//
//   thing://a, thing://b     two resources, on pages of one
//   describe_thing           a prompt with a required and an optional argument
//   "task-1"                 a task that is at work until the test says more
#ifndef HOWDAH_ADAPTER_MCP_FAKE_PROVIDERS_H_
#define HOWDAH_ADAPTER_MCP_FAKE_PROVIDERS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/completion_provider.h"
#include "adapter/mcp/prompt_provider.h"
#include "adapter/mcp/resource_provider.h"
#include "adapter/mcp/task_provider.h"

namespace howdah::mcp {

class FakeResources : public ResourceProvider {
 public:
  std::unique_ptr<RunningCall> List(
      absl::string_view cursor, const RequestContext& context,
      std::function<void(absl::StatusOr<ResourcePage>)> done) override;
  std::unique_ptr<RunningCall> ListTemplates(
      absl::string_view cursor, const RequestContext& context,
      std::function<void(absl::StatusOr<TemplatePage>)> done) override;
  std::unique_ptr<RunningCall> Read(
      absl::string_view uri, const RequestContext& context,
      std::function<void(absl::StatusOr<ResourceReading>)> done) override;
  absl::StatusOr<std::unique_ptr<ResourceWatch>> Watch(
      absl::string_view uri, const RequestContext& context,
      std::function<void()> on_change) override;
  absl::StatusOr<std::unique_ptr<ResourceWatch>> WatchList(
      const RequestContext& context, std::function<void()> on_change) override;

  // The resource changes; the list, if it is empty.
  void Change(const std::string& uri);
  int watched() const { return static_cast<int>(watchers_.size()); }

 private:
  class Watching;
  struct Watcher {
    std::string uri;
    std::function<void()> on_change;
  };
  std::map<int, Watcher> watchers_;
  int last_watcher_ = 0;
};

class FakePrompts : public PromptProvider, public CompletionProvider {
 public:
  FakePrompts();

  const std::vector<PromptDefinition>& prompts() const override {
    return prompts_;
  }
  std::unique_ptr<RunningCall> Get(PromptCall call) override;
  std::unique_ptr<RunningCall> Complete(
      CompletionRequest request,
      std::function<void(absl::StatusOr<Completion>)> done) override;

 private:
  std::vector<PromptDefinition> prompts_;
};

class FakeTasks : public TaskProvider {
 public:
  // At work since 2026-01-01.
  static TaskState AtWork();

  std::unique_ptr<RunningCall> Get(
      absl::string_view id, const RequestContext& context,
      std::function<void(absl::StatusOr<TaskState>)> done) override;
  std::unique_ptr<RunningCall> Update(
      absl::string_view id, InputResponses inputs,
      const RequestContext& context,
      std::function<void(absl::Status)> done) override;
  std::unique_ptr<RunningCall> Cancel(
      absl::string_view id, const RequestContext& context,
      std::function<void(absl::Status)> done) override;
  absl::StatusOr<std::unique_ptr<TaskWatch>> Watch(
      absl::string_view id, const RequestContext& context,
      std::function<void(const TaskState&)> on_change) override;

  bool watched() const { return watcher_ != nullptr; }

  // The task asks for input, fails or ends with this text.
  void Ask();
  void Fail();
  void Complete(const std::string& text);

 private:
  class Watching;

  void Tell();

  TaskState task_ = AtWork();
  // The last one that began to watch.
  std::function<void(const TaskState&)> watcher_;
  const Watching* watching_ = nullptr;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_FAKE_PROVIDERS_H_

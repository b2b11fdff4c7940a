#include "adapter/mcp/fake_providers.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace howdah::mcp {
namespace {

bool IsThing(absl::string_view uri) {
  return uri == "thing://a" || uri == "thing://b";
}

}  // namespace

class FakeResources::Watching : public ResourceWatch {
 public:
  Watching(FakeResources& resources, int number)
      : resources_(resources), number_(number) {}
  ~Watching() override { resources_.watchers_.erase(number_); }

 private:
  FakeResources& resources_;
  const int number_;
};

std::unique_ptr<RunningCall> FakeResources::List(
    absl::string_view cursor, const RequestContext&,
    std::function<void(absl::StatusOr<ResourcePage>)> done) {
  ResourcePage page;
  ResourceDefinition& thing = page.items.emplace_back();
  if (cursor.empty()) {
    thing = {"thing://a",
             "a",
             "Thing A",
             "The first thing.",
             "text/plain",
             8,
             R"([{"src":"data:,"}])",
             R"({"priority":1})"};
    page.next_cursor = "2";
  } else if (cursor == "2") {
    thing.uri = "thing://b";
    thing.name = "b";
  } else {
    done(absl::InvalidArgumentError("This is no cursor of ours."));
    return nullptr;
  }
  done(std::move(page));
  return nullptr;
}

std::unique_ptr<RunningCall> FakeResources::ListTemplates(
    absl::string_view, const RequestContext&,
    std::function<void(absl::StatusOr<TemplatePage>)> done) {
  TemplatePage page;
  page.items.push_back({"thing://{name}", "thing", "Any thing",
                        "A thing by its name.", "text/plain", "", ""});
  page.cache = {absl::Hours(1), /*shared=*/true};
  done(std::move(page));
  return nullptr;
}

std::unique_ptr<RunningCall> FakeResources::Read(
    absl::string_view uri, const RequestContext&,
    std::function<void(absl::StatusOr<ResourceReading>)> done) {
  if (!IsThing(uri)) {
    done(absl::NotFoundError("There is no such thing."));
    return nullptr;
  }
  ResourceReading reading;
  reading.contents.push_back(
      {std::string(uri), "text/plain", "A thing.", false});
  reading.contents.push_back({std::string(uri), "", "\x01\x02", true});
  done(std::move(reading));
  return nullptr;
}

absl::StatusOr<std::unique_ptr<ResourceWatch>> FakeResources::Watch(
    absl::string_view uri, const RequestContext&,
    std::function<void()> on_change) {
  if (!absl::StartsWith(uri, "thing://")) {
    return absl::InvalidArgumentError("This is no URI of a thing.");
  }
  watchers_[++last_watcher_] = {std::string(uri), std::move(on_change)};
  return std::make_unique<Watching>(*this, last_watcher_);
}

absl::StatusOr<std::unique_ptr<ResourceWatch>> FakeResources::WatchList(
    const RequestContext&, std::function<void()> on_change) {
  watchers_[++last_watcher_] = {"", std::move(on_change)};
  return std::make_unique<Watching>(*this, last_watcher_);
}

void FakeResources::Change(const std::string& uri) {
  for (const auto& [number, watcher] : watchers_) {
    if (watcher.uri == uri) watcher.on_change();
  }
}

FakePrompts::FakePrompts() {
  prompts_.push_back(
      {"describe_thing",
       "Describe a thing",
       "Has a thing described.",
       {{"name", "Name", "Which thing.", true}, {"style", "", "", false}},
       ""});
  prompts_.push_back({"ask_thing", "", "Asks first.", {}, ""});
}

std::unique_ptr<RunningCall> FakePrompts::Get(PromptCall call) {
  PromptAnswer answer;
  answer.description = "One thing.";
  if (call.name == "ask_thing" && FindInput(call.inputs, "which").empty()) {
    answer.input_required = InputRequired{
        {{"which", "elicitation/create", R"({"message":"Which?"})"}}, ""};
  }
  std::string text = "Describe";
  for (const auto& [name, value] : call.arguments) {
    absl::StrAppend(&text, " ", name, "=", value);
  }
  for (const InputResponse& input : call.inputs) {
    absl::StrAppend(&text, " ", input.key, ": ", input.result_json);
  }
  answer.messages.push_back({PromptMessage::Role::kUser, TextContent(text)});
  answer.messages.push_back(
      {PromptMessage::Role::kAssistant, TextContent("Well.")});
  call.done(std::move(answer));
  return nullptr;
}

std::unique_ptr<RunningCall> FakePrompts::Complete(
    CompletionRequest request,
    std::function<void(absl::StatusOr<Completion>)> done) {
  if (request.argument == "unknown") {
    done(absl::InvalidArgumentError("There is no such argument."));
    return nullptr;
  }
  Completion completion;
  for (int i = 0; i < 102; ++i) {
    const std::string value = absl::StrCat("thing-", i);
    if (absl::StartsWith(value, request.value)) {
      completion.values.push_back(value);
    }
  }
  for (const auto& [name, value] : request.known) {
    completion.values = {absl::StrCat(name, "=", value)};
  }
  completion.total = completion.values.size();
  done(std::move(completion));
  return nullptr;
}

class FakeTasks::Watching : public TaskWatch {
 public:
  explicit Watching(FakeTasks& tasks) : tasks_(tasks) {}
  ~Watching() override {
    if (tasks_.watching_ != this) return;
    tasks_.watching_ = nullptr;
    tasks_.watcher_ = nullptr;
  }

 private:
  FakeTasks& tasks_;
};

TaskState FakeTasks::AtWork() {
  TaskState task;
  task.id = "task-1";
  task.message = "At work.";
  task.created = task.updated =
      absl::FromCivil(absl::CivilSecond(2026, 1, 1), absl::UTCTimeZone());
  task.poll_interval = absl::Seconds(2);
  return task;
}

std::unique_ptr<RunningCall> FakeTasks::Get(
    absl::string_view, const RequestContext&,
    std::function<void(absl::StatusOr<TaskState>)> done) {
  done(task_);
  return nullptr;
}

std::unique_ptr<RunningCall> FakeTasks::Update(
    absl::string_view, InputResponses inputs, const RequestContext&,
    std::function<void(absl::Status)> done) {
  for (const InputResponse& input : inputs) task_.message = input.result_json;
  task_.status = TaskStatus::kWorking;
  done(absl::OkStatus());
  return nullptr;
}

std::unique_ptr<RunningCall> FakeTasks::Cancel(
    absl::string_view, const RequestContext&,
    std::function<void(absl::Status)> done) {
  task_.status = TaskStatus::kCancelled;
  done(absl::OkStatus());
  return nullptr;
}

absl::StatusOr<std::unique_ptr<TaskWatch>> FakeTasks::Watch(
    absl::string_view, const RequestContext&,
    std::function<void(const TaskState&)> on_change) {
  auto watching = std::make_unique<Watching>(*this);
  watching_ = watching.get();
  watcher_ = std::move(on_change);
  return watching;
}

void FakeTasks::Ask() {
  task_.status = TaskStatus::kInputRequired;
  task_.input_requests = {
      {"sure", "elicitation/create", R"({"message":"Sure?"})"}};
  Tell();
}

void FakeTasks::Fail() {
  task_.status = TaskStatus::kFailed;
  task_.error = jsonrpc::InternalError("It broke.");
  Tell();
}

void FakeTasks::Complete(const std::string& text) {
  ToolResult result;
  result.text = text;
  task_.status = TaskStatus::kCompleted;
  task_.result = std::make_shared<ToolResult>(std::move(result));
  Tell();
}

void FakeTasks::Tell() {
  if (watcher_) watcher_(task_);
}

}  // namespace howdah::mcp

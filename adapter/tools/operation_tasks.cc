#include "adapter/tools/operation_tasks.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapter/tools/answer_rendering.h"
#include "adapter/tools/operation_follower.h"
#include "adapter/tools/plain_call.h"
#include "adapter/transcoding/json_text.h"
#include "adapter/transcoding/status_to_result.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::tools {
namespace {

using ::google::protobuf::Message;
namespace op = ::howdah::operations::v1;
using op::Operation;

constexpr char kService[] = "/howdah.operations.v1.OperationsService/";
constexpr absl::Duration kPollInterval = absl::Seconds(2);
constexpr absl::Duration kDeadline = absl::Seconds(10);
constexpr absl::Duration kLongestWatch = absl::Seconds(600);

absl::Status NoSuchTask() {
  return absl::NotFoundError("There is no such task.");
}

// The methods of tasks are not tools, so no catalogue describes them.
catalogue::Rpc RpcOf(const char* method, const Message& response) {
  catalogue::Rpc rpc;
  rpc.path = absl::StrCat(kService, method);
  rpc.response = &response;
  rpc.deadline = kDeadline;
  return rpc;
}

upstream::CallOptions OptionsFor(const mcp::RequestContext& context) {
  upstream::CallOptions options;
  options.timeout = kDeadline;
  options.bearer_token = context.bearer_token;
  options.traceparent = context.traceparent;
  options.repeatable = true;
  return options;
}

std::string ProgressText(const Operation& operation) {
  return absl::StrCat(operation.progress_percent(),
                      " %: ", transcoding::VisibleText(operation.message()));
}

// What a client shows of a task at work. Cancelling is cooperative in the
// standard, so a user who cancels has to know what that does here.
std::string WorkingText(const Operation& operation) {
  return absl::StrCat(ProgressText(operation),
                      " (Cancelling ends the waiting only; the work goes on.)");
}

class Following : public mcp::TaskWatch {
 public:
  explicit Following(std::shared_ptr<OperationFollower> follower)
      : follower_(std::move(follower)) {}
  ~Following() override { follower_->Cancel(); }

 private:
  const std::shared_ptr<OperationFollower> follower_;
};

}  // namespace

OperationTasks::OperationTasks(const catalogue::Catalogue& catalogue,
                               upstream::UnaryCaller& caller,
                               std::function<absl::Time()> now)
    : catalogue_(catalogue), caller_(caller), now_(std::move(now)) {}

std::shared_ptr<const mcp::TaskState> OperationTasks::Begin(
    const catalogue::Tool& tool, const Operation& operation, absl::Time now) {
  auto state = std::make_shared<mcp::TaskState>();
  state->id = absl::StrCat(tool.name, ":", absl::ToUnixMillis(now), ":",
                           operation.name());
  state->message = WorkingText(operation);
  state->created = now;
  state->updated = now;
  state->poll_interval = kPollInterval;
  return state;
}

absl::StatusOr<OperationTasks::Task> OperationTasks::Find(
    absl::string_view id) const {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(id, absl::MaxSplits(':', 2));
  std::int64_t created = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[1], &created)) {
    return NoSuchTask();
  }
  Task task;
  task.tool = catalogue_.Find(parts[0]);
  if (task.tool == nullptr) return NoSuchTask();
  task.created = absl::FromUnixMillis(created);
  task.id = std::string(id);
  task.operation = std::string(parts[2]);
  return task;
}

mcp::TaskState OperationTasks::StateOf(const Task& task,
                                       const Operation& operation) const {
  mcp::TaskState state;
  state.id = task.id;
  state.message =
      operation.done() ? ProgressText(operation) : WorkingText(operation);
  state.created = task.created;
  state.updated = now_();
  state.poll_interval = kPollInterval;
  if (!operation.done()) return state;
  state.status = mcp::TaskStatus::kCompleted;
  if (operation.has_error()) {
    state.result = std::make_shared<mcp::ToolResult>(
        transcoding::ErrorResult(support::FromProto(operation.error())));
    return state;
  }
  const std::unique_ptr<Message> answer(task.tool->response->New());
  if (!operation.result().UnpackTo(answer.get())) {
    // Its end is known, but not what the call would have answered.
    mcp::ToolResult result;
    result.text = operation.message();
    state.result = std::make_shared<mcp::ToolResult>(std::move(result));
    return state;
  }
  state.result =
      std::make_shared<mcp::ToolResult>(RenderAnswer(*task.tool, *answer, {}));
  return state;
}

std::unique_ptr<mcp::RunningCall> OperationTasks::Get(
    absl::string_view id, const mcp::RequestContext& context,
    std::function<void(absl::StatusOr<mcp::TaskState>)> done) {
  auto task = Find(id);
  if (!task.ok()) {
    done(task.status());
    return nullptr;
  }
  op::GetOperationRequest request;
  request.set_name(task->operation);
  return CallPlainly(
      caller_, RpcOf("GetOperation", Operation::default_instance()), request,
      OptionsFor(context),
      [this, task = *std::move(task), done = std::move(done)](
          const absl::Status& status, const Message& answer) {
        if (absl::IsInvalidArgument(status)) return done(NoSuchTask());
        if (!status.ok()) return done(status);
        done(StateOf(task, static_cast<const Operation&>(answer)));
      });
}

std::unique_ptr<mcp::RunningCall> OperationTasks::Update(
    absl::string_view id, mcp::InputResponses, const mcp::RequestContext&,
    std::function<void(absl::Status)> done) {
  // No operation asks for anything.
  done(Find(id).status());
  return nullptr;
}

std::unique_ptr<mcp::RunningCall> OperationTasks::Cancel(
    absl::string_view id, const mcp::RequestContext& context,
    std::function<void(absl::Status)> done) {
  const auto task = Find(id);
  if (!task.ok()) {
    done(task.status());
    return nullptr;
  }
  op::CancelOperationRequest request;
  request.set_name(task->operation);
  return CallPlainly(
      caller_,
      RpcOf("CancelOperation", op::CancelOperationResponse::default_instance()),
      request, OptionsFor(context),
      [done = std::move(done)](const absl::Status& status, const Message&) {
        done(absl::IsInvalidArgument(status) ? NoSuchTask() : status);
      });
}

absl::StatusOr<std::unique_ptr<mcp::TaskWatch>> OperationTasks::Watch(
    absl::string_view id, const mcp::RequestContext& context,
    std::function<void(const mcp::TaskState&)> on_change) {
  ASSIGN_OR_RETURN(Task task, Find(id));
  Operation operation;
  operation.set_name(task.operation);
  upstream::CallOptions options = OptionsFor(context);
  options.timeout = kLongestWatch;
  auto follower = OperationFollower::Follow(
      caller_, operation, options,
      [this, task, on_change](const Operation& now) {
        on_change(StateOf(task, now));
      },
      // The last state has been told.
      [](const absl::Status&, const Operation&) {});
  return std::make_unique<Following>(std::move(follower));
}

}  // namespace howdah::tools

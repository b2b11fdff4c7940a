#include "adapter/mcp/task_methods.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/mcp/client_capabilities.h"

namespace howdah::mcp {
namespace {

using jsonrpc::IsObject;
using jsonrpc::Member;

}  // namespace

bool TaskMethods::Find(const Request& request, std::string& id) const {
  if (!request.context.client.tasks) {
    Refuse(request, MissingCapability(TasksCapability()), kHttpBadRequest);
    return false;
  }
  if (!ReadString(request, "taskId", "the taskId of a task", id)) return false;
  absl::StatusOr<std::string> opened =
      task_ids_.Open(id, request.context.principal_key());
  if (!opened.ok()) {
    Refuse(request, jsonrpc::InvalidParams(
                        absl::StrCat("params.taskId names no task of yours. ",
                                     opened.status().message())));
    return false;
  }
  id = *std::move(opened);
  return true;
}

void TaskMethods::Get(Request& request) {
  std::string id;
  if (!Find(request, id)) return;
  Call* call = calls_.Begin(request);
  if (call == nullptr) return;
  // What clients call it is what they have called it now.
  const std::string known =
      jsonrpc::DecodeString(Member(request.params(), "taskId"));
  calls_.Run(*call, [&] {
    return provider_.Get(
        id, request.context,
        [this, call, known](const absl::StatusOr<TaskState>& task) {
          if (!task.ok()) return calls_.Fail(*call, ErrorFrom(task.status()));
          std::string out = results_.Begin(call->id, call->version, 512);
          AppendTask(out, known, *task);
          AppendTaskDetail(out, *task);
          EndResult(out);
          calls_.Answer(*call, std::move(out));
        });
  });
}

void TaskMethods::Update(Request& request) {
  std::string id;
  if (!Find(request, id)) return;
  const absl::string_view responses =
      Member(request.params(), "inputResponses");
  InputResponses inputs;
  bool well_formed = IsObject(responses);
  jsonrpc::ForEachMember(
      responses, [&](absl::string_view key, absl::string_view value) {
        well_formed = well_formed && IsObject(value);
        inputs.push_back({jsonrpc::DecodeString(key), std::string(value)});
        return well_formed;
      });
  if (!well_formed) {
    return Refuse(request, jsonrpc::InvalidParams(
                               "params.inputResponses must be an object of "
                               "objects, one for each input request."));
  }
  Call* call = calls_.Begin(request);
  if (call == nullptr) return;
  calls_.Run(*call, [&] {
    return provider_.Update(id, std::move(inputs), request.context,
                            [this, call](const absl::Status& status) {
                              Acknowledge(*call, status);
                            });
  });
}

void TaskMethods::Cancel(Request& request) {
  std::string id;
  if (!Find(request, id)) return;
  Call* call = calls_.Begin(request);
  if (call == nullptr) return;
  calls_.Run(*call, [&] {
    return provider_.Cancel(id, request.context,
                            [this, call](const absl::Status& status) {
                              Acknowledge(*call, status);
                            });
  });
}

void TaskMethods::Acknowledge(Call& call, const absl::Status& status) {
  if (!status.ok()) return calls_.Fail(call, ErrorFrom(status));
  calls_.Answer(call, results_.Empty(call.id, call.version));
}

}  // namespace howdah::mcp

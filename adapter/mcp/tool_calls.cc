#include "adapter/mcp/tool_calls.h"

#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/writer.h"

namespace howdah::mcp {
namespace {

// Calls kept for reuse.
constexpr std::size_t kKeptCalls = 64;

std::string ProgressMessage(const Call& call, const ToolProgress& progress) {
  std::string params = absl::StrCat(R"({"progressToken":)", call.progress_token,
                                    R"(,"progress":)");
  jsonrpc::AppendNumber(params, progress.progress);
  if (std::isfinite(progress.total) && progress.total > 0) {
    params += R"(,"total":)";
    jsonrpc::AppendNumber(params, progress.total);
  }
  if (HasAnnotations(call.version) && !progress.message.empty()) {
    params += R"(,"message":)";
    jsonrpc::AppendString(params, progress.message);
  }
  params += '}';
  return jsonrpc::NotificationMessage("notifications/progress", params);
}

std::string ResultMessage(const Call& call, const ToolResult& result,
                          absl::string_view modern_start) {
  std::string out = jsonrpc::BeginResult(
      call.id, 128 + modern_start.size() + result.text.size() +
                   result.text.size() / 8 + result.structured_json.size());
  if (IsModern(call.version)) {
    absl::StrAppend(&out, modern_start, ",");
  } else {
    out += '{';
  }
  out += R"("content":[)";
  if (!result.text.empty() || result.blocks_json.empty()) {
    out += R"({"type":"text","text":)";
    jsonrpc::AppendString(out, result.text);
    out += '}';
  }
  for (const std::string& block : result.blocks_json) {
    absl::StrAppend(&out, out.back() == '[' ? "" : ",", block);
  }
  out += ']';
  if (HasStructuredContent(call.version) && !result.structured_json.empty()) {
    absl::StrAppend(&out, R"(,"structuredContent":)", result.structured_json);
  }
  if (result.is_error) out += R"(,"isError":true)";
  out += "}}";
  return out;
}

}  // namespace

ToolCalls::ToolCalls(ToolProvider& provider, std::string modern_start)
    : provider_(provider), modern_start_(std::move(modern_start)) {}

ToolCalls::~ToolCalls() {
  for (Call& call : running_) {
    if (call.running != nullptr) call.running->Cancel();
  }
}

bool ToolCalls::Start(const CallRequest& request, ToolCall tool_call) {
  Sweep();
  if (free_.empty()) free_.emplace_back();
  Call& call = free_.front();
  if (!request.session->Add(request.id, &call)) return false;
  call.self = free_.begin();
  running_.splice(running_.begin(), free_, call.self);
  call.session = request.session;
  call.slot = request.slot;
  call.version = request.version;
  call.id.assign(request.id.data(), request.id.size());
  call.progress_token.assign(request.progress_token.data(),
                             request.progress_token.size());
  call.any_progress = false;
  if (!call.progress_token.empty()) {
    tool_call.on_progress = [this, &call](const ToolProgress& progress) {
      OnProgress(call, progress);
    };
  }
  tool_call.done = [this, &call](ToolResult result) { OnDone(call, result); };
  call.starting = true;
  std::unique_ptr<RunningCall> running =
      provider_.CallTool(std::move(tool_call));
  // `done` may have run already; the call then waits to be swept.
  call.running = std::move(running);
  call.starting = false;
  return true;
}

void ToolCalls::OnProgress(Call& call, const ToolProgress& progress) {
  if (call.slot.exchange == nullptr || !std::isfinite(progress.progress)) {
    return;
  }
  if (call.any_progress && progress.progress <= call.last_progress) return;
  call.any_progress = true;
  call.last_progress = progress.progress;
  call.slot.exchange->Send(ProgressMessage(call, progress));
}

void ToolCalls::OnDone(Call& call, const ToolResult& result) {
  AnswerSlot slot = call.slot;
  std::string body;
  if (slot.exchange != nullptr) {
    body = ResultMessage(call, result, modern_start_);
  }
  Retire(call);
  slot.Deliver(kHttpOk, std::move(body));
}

void ToolCalls::Cancel(Call& call) {
  AnswerSlot slot = call.slot;
  if (call.running != nullptr) call.running->Cancel();
  Retire(call);
  slot.Deliver(kHttpAccepted, {});
}

void ToolCalls::Abandon(transports::Exchange& exchange, bool cancel) {
  std::vector<Call*> ending;
  for (Call& call : running_) {
    if (call.slot.exchange != &exchange) continue;
    call.slot.Drop();
    if (cancel || IsModern(call.version)) ending.push_back(&call);
  }
  for (Call* call : ending) Cancel(*call);
}

void ToolCalls::End(Session& session) {
  std::vector<Call*> ending;
  for (Call& call : running_) {
    if (call.session == &session) ending.push_back(&call);
  }
  for (Call* call : ending) Cancel(*call);
}

void ToolCalls::Retire(Call& call) {
  call.session->Remove(call.id);
  call.session = nullptr;
  call.slot = {};
  ended_.splice(ended_.begin(), running_, call.self);
}

void ToolCalls::Sweep() {
  for (auto it = ended_.begin(); it != ended_.end();) {
    auto next = std::next(it);
    if (!it->starting) {
      it->running.reset();
      free_.splice(free_.begin(), ended_, it);
    }
    it = next;
  }
  while (free_.size() > kKeptCalls) free_.pop_back();
}

}  // namespace howdah::mcp

#include "adapter/mcp/tool_calls.h"

#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/challenge.h"
#include "adapter/mcp/client_capabilities.h"
#include "adapter/mcp/task_provider.h"
#include "proto/support/nearest_name.h"

namespace howdah::mcp {
namespace {

using jsonrpc::InvalidParams;
using jsonrpc::IsObject;
using jsonrpc::IsString;
using jsonrpc::Member;
using jsonrpc::StringEquals;

constexpr char kMethod[] = "tools/call";

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

std::string LogMessage(LogLevel level, absl::string_view data_json) {
  return jsonrpc::NotificationMessage(
      "notifications/message",
      absl::StrCat(R"({"level":")", LogLevelText(level),
                   R"(","logger":"howdah","data":)", data_json, "}"));
}

// Whether a question of the provider's could reach the client.
bool CanBeAsked(const ClientCapabilities& client) {
  return client.elicitation_form || client.elicitation_url || client.sampling ||
         client.roots;
}

}  // namespace

bool ToolCalls::Read(const Request& request, Given& given) const {
  absl::string_view name, arguments, meta;
  jsonrpc::ForEachMember(request.params(),
                         [&](absl::string_view key, absl::string_view value) {
                           if (StringEquals(key, "name")) {
                             name = value;
                           } else if (StringEquals(key, "arguments")) {
                             arguments = value;
                           } else if (StringEquals(key, "_meta")) {
                             meta = value;
                           }
                           return true;
                         });
  if (!IsString(name)) {
    Refuse(request,
           InvalidParams(absl::StrCat("params.name is missing or no string; it "
                                      "names the tool to call",
                                      ExampleTool(), ".")));
    return false;
  }
  if (!arguments.empty() && !IsObject(arguments)) {
    Refuse(request, InvalidParams("params.arguments must be an object, for "
                                  "example {\"name\":\"orders\"}."));
    return false;
  }
  given.name = jsonrpc::DecodeString(name);
  given.arguments_json =
      arguments.empty() ? absl::string_view("{}") : arguments;
  if (!provider_.Has(given.name)) {
    Refuse(request, InvalidParams(NoSuchTool(given.name)));
    return false;
  }
  if (LacksScopes(request, given.name)) return false;
  given.progress_token = Member(meta, "progressToken");
  if (!given.progress_token.empty() && !IsString(given.progress_token) &&
      !jsonrpc::IsNumber(given.progress_token)) {
    Refuse(request,
           InvalidParams("params._meta.progressToken must be a string or a "
                         "number, for example 1."));
    return false;
  }
  return true;
}

bool ToolCalls::LacksScopes(const Request& request,
                            absl::string_view name) const {
  const Principal* principal = request.context.principal.get();
  if (principal == nullptr || !principal->limited) return false;
  for (const ToolDefinition& tool : provider_.tools()) {
    if (tool.name != name) continue;
    const absl::string_view lacking =
        ToolProvider::LacksScope(tool, request.context);
    if (lacking.empty()) return false;
    if (principal->challenge != nullptr && request.slot.batch == nullptr) {
      request.slot.exchange->SetHeader(
          kChallengeHeader, principal->challenge->NeedsScopes(tool.scopes));
    }
    Refuse(request,
           jsonrpc::InvalidRequest(absl::StrCat(
               "The tool ", Quote(name), " needs the scope ", Quote(lacking),
               ", which your token does not have.")),
           kHttpForbidden);
    return true;
  }
  return false;
}

void ToolCalls::Start(Request& request) {
  Given given;
  if (!Read(request, given)) return;
  const bool modern = IsModern(request.context.version);
  if (modern && request.arrival.has_headers) {
    const std::optional<jsonrpc::Error> mismatch = param_headers_.Check(
        given.name, given.arguments_json, *request.slot.exchange);
    if (mismatch) return Refuse(request, *mismatch, kHttpBadRequest);
  }
  std::unique_ptr<Repetition> repetition;
  RoundAnswers answers;
  if (CanBeAsked(request.context.client)) {
    repetition = std::make_unique<Repetition>(Repetition{
        given.name, std::string(given.arguments_json), request.context});
    if (modern && !rounds_.Read(request, *repetition, answers)) return;
  }
  Call* call = calls_.Begin(request);
  if (call == nullptr) return;
  call->progress_token.assign(given.progress_token.data(),
                              given.progress_token.size());
  call->repetition = std::move(repetition);
  ToolCall tool_call = {.name = std::move(given.name),
                        .arguments_json = given.arguments_json,
                        .context = std::move(request.context),
                        .inputs = std::move(answers.inputs),
                        .state = std::move(answers.state)};
  Run(*call, std::move(tool_call));
}

void ToolCalls::Run(Call& call, ToolCall tool_call) {
  if (!call.progress_token.empty()) {
    tool_call.on_progress = [this, &call](const ToolProgress& progress) {
      OnProgress(call, progress);
    };
  }
  const std::optional<LogLevel> wanted = tool_call.context.log_level;
  if (wanted) {
    tool_call.log = [this, &call, wanted](LogLevel level,
                                          absl::string_view data_json) {
      if (level >= *wanted) calls_.Send(call, LogMessage(level, data_json));
    };
  }
  tool_call.release = [&call] {
    if (!Calls::Wanted(call) || !call.slot.exchange->Streams()) return;
    // Only what has begun can be taken up again.
    call.slot.exchange->Open();
    call.slot.exchange->Pause();
  };
  tool_call.may_become_task = has_tasks_ && tool_call.context.client.tasks;
  tool_call.done = [this, &call](ToolResult result) { OnDone(call, result); };
  calls_.Run(call, [&] { return provider_.CallTool(std::move(tool_call)); });
}

void ToolCalls::Repeat(Call& call, RoundAnswers answers) {
  ToolCall tool_call = {.name = call.repetition->name,
                        .arguments_json = call.repetition->arguments_json,
                        .context = call.repetition->context,
                        .inputs = std::move(answers.inputs),
                        .state = std::move(answers.state)};
  Run(call, std::move(tool_call));
}

void ToolCalls::OnProgress(Call& call, const ToolProgress& progress) {
  if (!Calls::Wanted(call) || !std::isfinite(progress.progress)) return;
  if (call.any_progress && progress.progress <= call.last_progress) return;
  call.any_progress = true;
  call.last_progress = progress.progress;
  calls_.Send(call, ProgressMessage(call, progress));
}

void ToolCalls::OnDone(Call& call, const ToolResult& result) {
  if (result.input_required) {
    return rounds_.Ask(call, kMethod, *result.input_required,
                       [this, &call](RoundAnswers answers) {
                         Repeat(call, std::move(answers));
                       });
  }
  if (result.task != nullptr) return AnswerTask(call, *result.task);
  if (result.needs_task) {
    if (!IsModern(call.version)) {
      return calls_.Fail(call, jsonrpc::InvalidRequest(
                                   "This tool works only as a task, which "
                                   "this protocol version does not have."));
    }
    return calls_.Fail(call, MissingCapability(TasksCapability()),
                       kHttpBadRequest);
  }
  std::string body;
  if (Calls::Wanted(call)) {
    body = results_.Begin(call.id, call.version,
                          96 + result.text.size() + result.text.size() / 8 +
                              result.structured_json.size());
    AppendToolResult(body, result, call.version);
    EndResult(body);
  }
  calls_.Answer(call, std::move(body));
}

void ToolCalls::AnswerTask(Call& call, const TaskState& task) {
  std::string body = results_.Begin(call.id, call.version, 512, kTask);
  AppendTask(body, task_ids_.Seal(task, KeyOf(call.principal.get())), task);
  EndResult(body);
  calls_.Answer(call, std::move(body));
}

std::string ToolCalls::NoSuchTool(absl::string_view name) const {
  std::vector<std::string> known;
  for (const ToolDefinition& tool : provider_.tools()) {
    known.push_back(tool.name);
  }
  const std::string nearest = support::NearestName(name, known);
  return absl::StrCat(
      "params.name: there is no tool ", Quote(name),
      nearest.empty()
          ? absl::StrCat("; tools/list names them all", ExampleTool(), ".")
          : absl::StrCat("; did you mean ", Quote(nearest),
                         "? tools/list names them all."));
}

std::string ToolCalls::ExampleTool() const {
  if (provider_.tools().empty()) return {};
  return absl::StrCat(", for example \"", provider_.tools().front().name, "\"");
}

}  // namespace howdah::mcp

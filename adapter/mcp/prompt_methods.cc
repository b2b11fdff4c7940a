#include "adapter/mcp/prompt_methods.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/paging.h"
#include "adapter/mcp/protocol.h"
#include "proto/support/nearest_name.h"

namespace howdah::mcp {
namespace {

using jsonrpc::InvalidParams;
using jsonrpc::IsObject;
using jsonrpc::IsString;
using jsonrpc::Member;

constexpr char kMethod[] = "prompts/get";

// How long a list that tells its changes may be kept.
constexpr absl::Duration kListTtl = absl::Minutes(5);

void AppendArgument(std::string& out, const PromptArgument& argument,
                    ProtocolVersion version) {
  out += '{';
  AppendText(out, "name", argument.name);
  if (HasStructuredContent(version)) AppendText(out, "title", argument.title);
  AppendText(out, "description", argument.description);
  absl::StrAppend(&out, R"("required":)", argument.required ? "true" : "false",
                  "},");
}

void AppendPrompt(std::string& out, const PromptDefinition& prompt,
                  ProtocolVersion version) {
  out += '{';
  AppendText(out, "name", prompt.name);
  if (HasStructuredContent(version)) AppendText(out, "title", prompt.title);
  AppendText(out, "description", prompt.description);
  if (HasIcons(version)) AppendJson(out, "icons", prompt.icons_json);
  if (!prompt.arguments.empty()) {
    out += R"("arguments":[)";
    for (const PromptArgument& argument : prompt.arguments) {
      AppendArgument(out, argument, version);
    }
    out.back() = ']';
    out += ',';
  }
  out.back() = '}';
}

bool Knows(const PromptDefinition& prompt, absl::string_view name) {
  for (const PromptArgument& argument : prompt.arguments) {
    if (argument.name == name) return true;
  }
  return false;
}

std::vector<std::pair<std::string, std::string>> Pairs(
    absl::string_view arguments_json) {
  std::vector<std::pair<std::string, std::string>> pairs;
  jsonrpc::ForEachMember(arguments_json,
                         [&](absl::string_view key, absl::string_view value) {
                           pairs.emplace_back(jsonrpc::DecodeString(key),
                                              jsonrpc::DecodeString(value));
                           return true;
                         });
  return pairs;
}

// The first thing wrong with the arguments.
std::optional<std::string> Fault(const PromptDefinition& prompt,
                                 absl::string_view arguments_json) {
  if (!arguments_json.empty() && !IsObject(arguments_json)) {
    return "params.arguments must be an object of strings.";
  }
  std::optional<std::string> fault;
  jsonrpc::ForEachMember(arguments_json, [&](absl::string_view key,
                                             absl::string_view value) {
    const std::string name = jsonrpc::DecodeString(key);
    if (!IsString(value)) {
      fault = absl::StrCat("params.arguments.", name,
                           " must be a string; write numbers in quotes.");
    } else if (!Knows(prompt, name)) {
      fault = absl::StrCat("params.arguments: the prompt ", Quote(prompt.name),
                           " has no argument ", Quote(name), ".");
    }
    return !fault;
  });
  for (const PromptArgument& argument : prompt.arguments) {
    if (fault) break;
    if (argument.required && Member(arguments_json, argument.name).empty()) {
      fault = absl::StrCat("params.arguments.", argument.name,
                           " is missing: ", argument.description);
    }
  }
  return fault;
}

}  // namespace

void PromptMethods::List(Request& request) {
  const absl::string_view raw = Member(request.params(), "cursor");
  std::vector<const PromptDefinition*> shown;
  std::vector<absl::string_view> names;
  for (const PromptDefinition& prompt : provider_.prompts()) {
    if (!provider_.Shows(prompt, request.context)) continue;
    shown.push_back(&prompt);
    names.push_back(prompt.name);
  }
  const std::string cursor = jsonrpc::DecodeString(raw);
  const std::optional<PageRange> range = Paging(names, page_size_).At(cursor);
  if (!range || (!raw.empty() && !IsString(raw))) {
    return Refuse(request, InvalidParams(UnknownCursor(cursor)));
  }
  const ProtocolVersion version = request.context.version;
  std::string out = results_.Begin(request.message.id, version, 2048);
  AppendCacheHint(out, {kListTtl, request.context.principal == nullptr},
                  version);
  out += R"("prompts":[)";
  for (std::size_t i = range->begin; i < range->end; ++i) {
    AppendPrompt(out, *shown[i], version);
    if (i + 1 < range->end) out += ',';
  }
  out += "],";
  AppendText(out, "nextCursor", range->next);
  EndResult(out);
  AnswerSlot slot = request.slot;
  slot.Deliver(kHttpOk, std::move(out));
}

const PromptDefinition* PromptMethods::Find(
    absl::string_view name, const RequestContext& context) const {
  for (const PromptDefinition& prompt : provider_.prompts()) {
    if (prompt.name == name && provider_.Shows(prompt, context)) return &prompt;
  }
  return nullptr;
}

void PromptMethods::Get(Request& request) {
  std::string name;
  if (!ReadString(request, "name", "a name from prompts/list", name)) return;
  const PromptDefinition* prompt = Find(name, request.context);
  if (prompt == nullptr) {
    std::vector<std::string> known;
    for (const auto& each : provider_.prompts()) known.push_back(each.name);
    const std::string nearest = support::NearestName(name, known);
    return Refuse(request,
                  InvalidParams(absl::StrCat(
                      "params.name: there is no prompt ", Quote(name), "; ",
                      nearest.empty()
                          ? ""
                          : absl::StrCat("did you mean ", Quote(nearest), "? "),
                      "prompts/list names them all.")));
  }
  const absl::string_view arguments = Member(request.params(), "arguments");
  if (const auto fault = Fault(*prompt, arguments)) {
    return Refuse(request, InvalidParams(*fault));
  }
  auto repetition = std::make_unique<Repetition>(
      Repetition{name, std::string(arguments), request.context});
  RoundAnswers answers;
  if (IsModern(request.context.version) &&
      !rounds_.Read(request, *repetition, answers)) {
    return;
  }
  Call* call = calls_.Begin(request);
  if (call == nullptr) return;
  call->repetition = std::move(repetition);
  Run(*call, std::move(answers));
}

void PromptMethods::Run(Call& call, RoundAnswers answers) {
  PromptCall prompt_call = {.name = call.repetition->name,
                            .arguments = Pairs(call.repetition->arguments_json),
                            .context = call.repetition->context,
                            .inputs = std::move(answers.inputs),
                            .state = std::move(answers.state)};
  prompt_call.done = [this, &call](const absl::StatusOr<PromptAnswer>& answer) {
    OnDone(call, answer);
  };
  calls_.Run(call, [&] { return provider_.Get(std::move(prompt_call)); });
}

void PromptMethods::OnDone(Call& call,
                           const absl::StatusOr<PromptAnswer>& answer) {
  if (!answer.ok()) return calls_.Fail(call, ErrorFrom(answer.status()));
  if (answer->input_required) {
    return rounds_.Ask(
        call, kMethod, *answer->input_required,
        [this, &call](RoundAnswers answers) { Run(call, std::move(answers)); });
  }
  std::string out = results_.Begin(call.id, call.version, 2048);
  AppendText(out, "description", answer->description);
  out += R"("messages":[)";
  for (const PromptMessage& message : answer->messages) {
    absl::StrAppend(
        &out, out.back() == '[' ? "" : ",", R"({"role":")",
        message.role == PromptMessage::Role::kUser ? "user" : "assistant",
        R"(","content":)", message.content_json, "}");
  }
  out += "],";
  EndResult(out);
  calls_.Answer(call, std::move(out));
}

}  // namespace howdah::mcp

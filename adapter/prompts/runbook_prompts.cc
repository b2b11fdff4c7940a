#include "adapter/prompts/runbook_prompts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/mcp/toolsets.h"
#include "proto/support/status_macros.h"

namespace howdah::prompts {
namespace {

mcp::PromptDefinition Define(const Runbook& runbook) {
  mcp::PromptDefinition definition;
  definition.name = runbook.name;
  definition.title = runbook.title;
  definition.description = runbook.description;
  for (const RunbookArgument& argument : runbook.arguments) {
    mcp::PromptArgument& shown = definition.arguments.emplace_back();
    shown.name = argument.name;
    shown.description = argument.description;
    shown.required = argument.required;
  }
  return definition;
}

bool IsFor(const Runbook& runbook, const mcp::RequestContext& context) {
  return (!runbook.changes || !context.read_only) &&
         mcp::AllowsToolset(context.toolsets, runbook.toolset);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunbookPrompts>> RunbookPrompts::Build(
    const std::vector<absl::string_view>& texts) {
  std::unique_ptr<RunbookPrompts> prompts(new RunbookPrompts());
  for (const absl::string_view text : texts) {
    ASSIGN_OR_RETURN(Runbook runbook, ParseRunbook(text));
    prompts->definitions_.push_back(Define(runbook));
    prompts->runbooks_.push_back(std::move(runbook));
  }
  return prompts;
}

const Runbook* RunbookPrompts::Find(absl::string_view name) const {
  for (const Runbook& runbook : runbooks_) {
    if (runbook.name == name) return &runbook;
  }
  return nullptr;
}

bool RunbookPrompts::Shows(const mcp::PromptDefinition& prompt,
                           const mcp::RequestContext& context) const {
  const Runbook* runbook = Find(prompt.name);
  return runbook != nullptr && IsFor(*runbook, context);
}

std::unique_ptr<mcp::RunningCall> RunbookPrompts::Get(mcp::PromptCall call) {
  const Runbook* runbook = Find(call.name);
  if (runbook == nullptr || !IsFor(*runbook, call.context)) {
    call.done(absl::InvalidArgumentError(absl::StrCat(
        "There is no prompt \"", call.name.substr(0, 64), "\" here.")));
    return nullptr;
  }
  const RunbookValues values(call.arguments.begin(), call.arguments.end());
  if (const absl::Status status = CheckValues(*runbook, values); !status.ok()) {
    call.done(status);
    return nullptr;
  }
  mcp::PromptAnswer answer;
  answer.description = runbook->description;
  answer.messages.push_back({mcp::PromptMessage::Role::kUser,
                             mcp::TextContent(FillIn(*runbook, values))});
  call.done(std::move(answer));
  return nullptr;
}

}  // namespace howdah::prompts

// The runbooks of this folder as MCP prompts.
//
//   ASSIGN_OR_RETURN(auto prompts, RunbookPrompts::Build(RunbookTexts()));
//   mcp::Server server({..., .prompts = prompts.get()}, info);
#ifndef HOWDAH_ADAPTER_PROMPTS_RUNBOOK_PROMPTS_H_
#define HOWDAH_ADAPTER_PROMPTS_RUNBOOK_PROMPTS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/prompt_provider.h"
#include "adapter/prompts/runbook.h"

namespace howdah::prompts {

// The files of runbooks/, compiled in, in the order of their names.
const std::vector<absl::string_view>& RunbookTexts();

// Threads: one. Owns: the runbooks. Answers at once: nothing is asked of the
// backend.
class RunbookPrompts : public mcp::PromptProvider {
 public:
  static absl::StatusOr<std::unique_ptr<RunbookPrompts>> Build(
      const std::vector<absl::string_view>& texts);

  const std::vector<mcp::PromptDefinition>& prompts() const override {
    return definitions_;
  }
  // A runbook that changes something is not shown where nothing may change.
  bool Shows(const mcp::PromptDefinition& prompt,
             const mcp::RequestContext& context) const override;
  std::unique_ptr<mcp::RunningCall> Get(mcp::PromptCall call) override;

  // Null if there is none of that name.
  const Runbook* Find(absl::string_view name) const;

 private:
  RunbookPrompts() = default;

  std::vector<Runbook> runbooks_;
  std::vector<mcp::PromptDefinition> definitions_;
};

}  // namespace howdah::prompts

#endif  // HOWDAH_ADAPTER_PROMPTS_RUNBOOK_PROMPTS_H_

// The prompts that the official conformance suite gets, and the completion of
// their arguments.
#ifndef HOWDAH_TESTS_CONFORMANCE_FIXTURE_PROMPTS_H_
#define HOWDAH_TESTS_CONFORMANCE_FIXTURE_PROMPTS_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "adapter/mcp/completion_provider.h"
#include "adapter/mcp/prompt_provider.h"

namespace howdah::conformance {

// Threads: one. They never change.
class FixturePrompts : public mcp::PromptProvider,
                       public mcp::CompletionProvider {
 public:
  FixturePrompts();

  const std::vector<mcp::PromptDefinition>& prompts() const override {
    return prompts_;
  }
  std::unique_ptr<mcp::RunningCall> Get(mcp::PromptCall call) override;
  std::unique_ptr<mcp::RunningCall> Complete(
      mcp::CompletionRequest request,
      std::function<void(absl::StatusOr<mcp::Completion>)> done) override;

 private:
  std::vector<mcp::PromptDefinition> prompts_;
};

}  // namespace howdah::conformance

#endif  // HOWDAH_TESTS_CONFORMANCE_FIXTURE_PROMPTS_H_

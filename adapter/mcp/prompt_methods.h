// prompts/list and prompts/get.
#ifndef HOWDAH_ADAPTER_MCP_PROMPT_METHODS_H_
#define HOWDAH_ADAPTER_MCP_PROMPT_METHODS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/calls.h"
#include "adapter/mcp/input_rounds.h"
#include "adapter/mcp/prompt_provider.h"
#include "adapter/mcp/request.h"
#include "adapter/mcp/results.h"

namespace howdah::mcp {

// Threads: one. All that it is given must outlive it.
class PromptMethods {
 public:
  PromptMethods(PromptProvider& provider, int page_size, Calls& calls,
                const Results& results, InputRounds& rounds)
      : provider_(provider),
        page_size_(page_size),
        calls_(calls),
        results_(results),
        rounds_(rounds) {}

  void List(Request& request);
  void Get(Request& request);

 private:
  const PromptDefinition* Find(absl::string_view name,
                               const RequestContext& context) const;
  // The call as its repetition has it.
  void Run(Call& call, RoundAnswers answers);
  void OnDone(Call& call, const absl::StatusOr<PromptAnswer>& answer);

  PromptProvider& provider_;
  const int page_size_;
  Calls& calls_;
  const Results& results_;
  InputRounds& rounds_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_PROMPT_METHODS_H_

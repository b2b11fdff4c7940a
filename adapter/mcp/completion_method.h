// completion/complete.
#ifndef HOWDAH_ADAPTER_MCP_COMPLETION_METHOD_H_
#define HOWDAH_ADAPTER_MCP_COMPLETION_METHOD_H_

#include "absl/status/statusor.h"
#include "adapter/mcp/calls.h"
#include "adapter/mcp/completion_provider.h"
#include "adapter/mcp/request.h"
#include "adapter/mcp/results.h"

namespace howdah::mcp {

// Threads: one. All that it is given must outlive it.
class CompletionMethod {
 public:
  // As many as the protocol allows in one answer.
  static constexpr std::size_t kMaxValues = 100;

  CompletionMethod(CompletionProvider& provider, Calls& calls,
                   const Results& results)
      : provider_(provider), calls_(calls), results_(results) {}

  void Complete(Request& request);

 private:
  void OnDone(Call& call, const absl::StatusOr<Completion>& completion);

  CompletionProvider& provider_;
  Calls& calls_;
  const Results& results_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_COMPLETION_METHOD_H_

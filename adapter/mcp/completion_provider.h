// The seam between MCP and what knows how to complete an argument. The contract
// of threads and callbacks is that of tool_provider.h.
//
//   {.of = Completable::kPrompt, .name = "investigate_cluster",
//    .argument = "cluster_name", .value = "or"}  -> {"orders", "orders-test"}
#ifndef HOWDAH_ADAPTER_MCP_COMPLETION_PROVIDER_H_
#define HOWDAH_ADAPTER_MCP_COMPLETION_PROVIDER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/running_call.h"

namespace howdah::mcp {

enum class Completable { kPrompt, kResourceTemplate };

struct CompletionRequest {
  Completable of = Completable::kPrompt;
  // Of the prompt, or the URI template.
  std::string name;
  std::string argument;
  // What has been typed so far.
  std::string value;
  // Arguments that are known already.
  std::vector<std::pair<std::string, std::string>> known;
  RequestContext context;
};

// The server sends the first 100 values at most and says that there are more.
struct Completion {
  std::vector<std::string> values;
  // How many there are in all, if known.
  std::optional<std::int64_t> total;
  bool has_more = false;
};

class CompletionProvider {
 public:
  virtual ~CompletionProvider() = default;

  // INVALID_ARGUMENT for an unknown prompt, template or argument. What the
  // caller may not see is never suggested.
  virtual std::unique_ptr<RunningCall> Complete(
      CompletionRequest request,
      std::function<void(absl::StatusOr<Completion>)> done) = 0;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_COMPLETION_PROVIDER_H_

// MCP tools that are RPCs of the backend.
//
//   RpcToolProvider provider(*catalogue, channel);
//   mcp::Server server({.tools = provider}, ...);
//
// This is where the halves meet: the catalogue says which RPC a tool is, the
// transcoding makes its request, the caller sends it, the rendering shows the
// answer. How one call goes is told in rpc_call.h.
#ifndef HOWDAH_ADAPTER_TOOLS_RPC_TOOL_PROVIDER_H_
#define HOWDAH_ADAPTER_TOOLS_RPC_TOOL_PROVIDER_H_

#include <memory>
#include <vector>

#include "adapter/catalogue/catalogue.h"
#include "adapter/mcp/tool_provider.h"
#include "adapter/tools/answer_cache.h"
#include "adapter/tools/rpc_call.h"
#include "adapter/transcoding/json_to_message.h"
#include "adapter/upstream/unary_caller.h"

namespace howdah::tools {

// Threads: one, that of the caller. Catalogue and caller must outlive it and
// all its calls.
class RpcToolProvider : public mcp::ToolProvider {
 public:
  // Without `after` long calls do not tell that they go on.
  RpcToolProvider(const catalogue::Catalogue& catalogue,
                  upstream::UnaryCaller& caller, After after = nullptr);

  const std::vector<mcp::ToolDefinition>& tools() const override;
  bool Has(absl::string_view name) const override;
  std::unique_ptr<mcp::RunningCall> CallTool(mcp::ToolCall call) override;

 private:
  const catalogue::Catalogue& catalogue_;
  upstream::UnaryCaller& caller_;
  transcoding::ArgumentDecoder decoder_;
  AnswerCache answers_;
  const After after_;
};

}  // namespace howdah::tools

#endif  // HOWDAH_ADAPTER_TOOLS_RPC_TOOL_PROVIDER_H_

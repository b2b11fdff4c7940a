#include "adapter/tools/rpc_tool_provider.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "adapter/transcoding/status_to_result.h"

namespace howdah::tools {
namespace {

class Running : public mcp::RunningCall {
 public:
  explicit Running(const std::shared_ptr<RpcCall>& call) : call_(call) {}
  void Cancel() override {
    if (const auto call = call_.lock(); call != nullptr) call->Cancel();
  }
  void WrapUp() override {
    if (const auto call = call_.lock(); call != nullptr) call->WrapUp();
  }

 private:
  std::weak_ptr<RpcCall> call_;
};

// A call that ended before it began.
class Ended : public mcp::RunningCall {
 public:
  void Cancel() override {}
};

}  // namespace

RpcToolProvider::RpcToolProvider(const catalogue::Catalogue& catalogue,
                                 upstream::UnaryCaller& caller, After after)
    : catalogue_(catalogue), caller_(caller), after_(std::move(after)) {}

const std::vector<mcp::ToolDefinition>& RpcToolProvider::tools() const {
  return catalogue_.definitions();
}

bool RpcToolProvider::Has(absl::string_view name) const {
  return catalogue_.Find(name) != nullptr;
}

std::unique_ptr<mcp::RunningCall> RpcToolProvider::CallTool(
    mcp::ToolCall call) {
  const catalogue::Tool* tool = catalogue_.Find(call.name);
  if (tool == nullptr) {
    call.done(transcoding::ErrorResult(absl::NotFoundError(
        absl::StrCat("There is no tool \"", call.name, "\"."))));
    return std::make_unique<Ended>();
  }
  const auto rpc = std::make_shared<RpcCall>(*tool, caller_, answers_,
                                             std::move(call), after_);
  rpc->Start(decoder_);
  return std::make_unique<Running>(rpc);
}

}  // namespace howdah::tools

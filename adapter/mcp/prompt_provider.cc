#include "adapter/mcp/prompt_provider.h"

#include "adapter/jsonrpc/writer.h"

namespace howdah::mcp {

std::string TextContent(absl::string_view text) {
  std::string out = R"({"type":"text","text":)";
  jsonrpc::AppendString(out, text);
  out += '}';
  return out;
}

}  // namespace howdah::mcp

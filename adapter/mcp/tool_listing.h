// Answers to tools/list, rendered once per way of saying them and then only
// copied.
//
//   listing.Page(ProtocolVersion::k20250618, /*read_only=*/false, "")
//     -> {"tools":[{"name":..},..],"nextCursor":"8c3f.1"}
#ifndef HOWDAH_ADAPTER_MCP_TOOL_LISTING_H_
#define HOWDAH_ADAPTER_MCP_TOOL_LISTING_H_

#include <array>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/mcp/protocol.h"
#include "adapter/mcp/server_info.h"
#include "adapter/mcp/tool_provider.h"

namespace howdah::mcp {

// Threads: one at a time; pages are rendered at their first use.
// Owns: the rendered pages. The tools must outlive it and stay as they are.
class ToolListing {
 public:
  ToolListing(const std::vector<ToolDefinition>& tools, const ServerInfo& info);

  // The result as JSON text; null if the cursor is none of ours. An empty
  // cursor is the first page.
  const std::string* Page(ProtocolVersion version, bool read_only,
                          absl::string_view cursor);

 private:
  struct RenderedPage {
    std::string cursor;
    std::string json;
  };
  using Pages = std::vector<RenderedPage>;

  Pages Render(ProtocolVersion version, bool read_only) const;

  const std::vector<ToolDefinition>& tools_;
  const int page_size_;
  const std::string modern_start_;
  // By revision, then by read_only.
  std::array<std::array<Pages, 2>, 5> pages_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TOOL_LISTING_H_

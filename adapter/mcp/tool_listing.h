// Answers to tools/list, rendered once per way of saying them and then only
// copied.
//
//   listing.Page(ProtocolVersion::k20250618, context, "")
//     -> {"tools":[{"name":..},..],"nextCursor":"8c3f.1"}
#ifndef HOWDAH_ADAPTER_MCP_TOOL_LISTING_H_
#define HOWDAH_ADAPTER_MCP_TOOL_LISTING_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/protocol.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/results.h"
#include "adapter/mcp/tool_provider.h"

namespace howdah::mcp {

// Threads: one at a time; pages are rendered at their first use.
// Owns: the rendered pages. Provider and results must outlive it.
// Limits: keeps the pages of kMaxKept ways of saying them; then begins anew.
class ToolListing {
 public:
  static constexpr std::size_t kMaxKept = 64;

  ToolListing(const ToolProvider& provider, int page_size,
              const Results& results)
      : provider_(provider), page_size_(page_size), results_(results) {}

  // The result as JSON text; null if the cursor is none of ours. An empty
  // cursor is the first page.
  const std::string* Page(ProtocolVersion version,
                          const RequestContext& context,
                          absl::string_view cursor);

  // The tools have changed.
  void Forget() { kept_.clear(); }

 private:
  struct RenderedPage {
    std::string cursor;
    std::string json;
  };
  using Pages = std::vector<RenderedPage>;

  using Shown = std::vector<const ToolDefinition*>;

  Pages Render(ProtocolVersion version, bool shared, const Shown& shown) const;

  const ToolProvider& provider_;
  const int page_size_;
  const Results& results_;
  // By revision, who may share them, and which tools are shown.
  absl::flat_hash_map<std::string, Pages> kept_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TOOL_LISTING_H_

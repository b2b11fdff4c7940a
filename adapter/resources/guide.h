// The guide to the tools: advice written by hand, then the list of what there
// is, from the contract.
//
//   GuideText(catalogue.definitions());   // Markdown
#ifndef HOWDAH_ADAPTER_RESOURCES_GUIDE_H_
#define HOWDAH_ADAPTER_RESOURCES_GUIDE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/mcp/tool_provider.h"

namespace howdah::resources {

// guide.md, compiled in; the only one.
const std::vector<absl::string_view>& GuideTexts();

std::string GuideText(const std::vector<mcp::ToolDefinition>& tools);

}  // namespace howdah::resources

#endif  // HOWDAH_ADAPTER_RESOURCES_GUIDE_H_

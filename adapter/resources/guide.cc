#include "adapter/resources/guide.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace howdah::resources {
namespace {

absl::string_view FirstSentence(absl::string_view text) {
  return text.substr(0, text.find(". "));
}

absl::string_view Effect(const mcp::ToolDefinition& tool) {
  if (tool.read_only) return "reads";
  return tool.destructive ? "destroys" : "changes";
}

}  // namespace

std::string GuideText(const std::vector<mcp::ToolDefinition>& tools) {
  std::map<std::string, std::string> by_toolset;
  for (const mcp::ToolDefinition& tool : tools) {
    absl::string_view sentence = FirstSentence(tool.description);
    if (!sentence.empty() && sentence.back() == '.') sentence.remove_suffix(1);
    absl::StrAppend(&by_toolset[tool.toolset], "- `", tool.name, "` (",
                    Effect(tool), "): ", sentence, ".\n");
  }
  std::string text(GuideTexts().front());
  for (const auto& [toolset, lines] : by_toolset) {
    absl::StrAppend(&text, "\n## Toolset ", toolset, "\n\n", lines);
  }
  return text;
}

}  // namespace howdah::resources

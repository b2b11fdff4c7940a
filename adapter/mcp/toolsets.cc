#include "adapter/mcp/toolsets.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace howdah::mcp {
namespace {

bool Has(const Toolsets& toolsets, absl::string_view name) {
  return std::find(toolsets.begin(), toolsets.end(), name) != toolsets.end();
}

// What no toolset is called.
constexpr absl::string_view kNone = "none";

bool IsName(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-';
  });
}

}  // namespace

Toolsets SplitToolsets(absl::string_view text) {
  Toolsets toolsets;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const absl::string_view name = absl::StripAsciiWhitespace(part);
    // What cannot be a name stays, or a slip would widen.
    if (!name.empty()) toolsets.emplace_back(IsName(name) ? name : kNone);
  }
  if (Has(toolsets, "all")) toolsets.clear();
  return toolsets;
}

Toolsets NarrowToolsets(const Toolsets& allowed, const Toolsets& asked) {
  if (allowed.empty()) return asked;
  if (asked.empty()) return allowed;
  Toolsets both;
  for (const std::string& name : asked) {
    if (Has(allowed, name)) both.push_back(name);
  }
  if (both.empty()) both.emplace_back(kNone);
  return both;
}

bool AllowsToolset(const Toolsets& toolsets, absl::string_view toolset) {
  return toolset.empty() || toolsets.empty() || Has(toolsets, toolset);
}

}  // namespace howdah::mcp

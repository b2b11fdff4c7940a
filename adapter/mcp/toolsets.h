// Which groups of tools are on for a caller: what the operator allows, narrowed
// by what the caller asks for. An empty list means all.
//
//   NarrowToolsets({"postgres", "aiven"}, SplitToolsets("aiven,aws"))
//       // {"aiven"}
//   AllowsToolset({"aiven"}, "postgres")   // false
#ifndef HOWDAH_ADAPTER_MCP_TOOLSETS_H_
#define HOWDAH_ADAPTER_MCP_TOOLSETS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::mcp {

using Toolsets = std::vector<std::string>;

// "a, b" as a list; empty for "all" among them and where nothing is named.
Toolsets SplitToolsets(absl::string_view text);

// What is in both. If that is nothing, a list with a name that no toolset has.
Toolsets NarrowToolsets(const Toolsets& allowed, const Toolsets& asked);

// `toolset` is empty for what cannot be switched off.
bool AllowsToolset(const Toolsets& toolsets, absl::string_view toolset);

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TOOLSETS_H_

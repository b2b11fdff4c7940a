#include "adapter/mcp/http_narrowing.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace howdah::mcp {
namespace {

constexpr char kReadOnlyHeader[] = "X-MCP-Readonly";
constexpr char kToolsetsHeader[] = "X-MCP-Toolsets";

// Anything but an explicit no narrows: a slip must not widen.
bool IsNo(absl::string_view text) {
  return absl::EqualsIgnoreCase(text, "false") || text == "0";
}

Toolsets ToolsetsOf(absl::string_view text) {
  return SplitToolsets(
      absl::StrReplaceAll(text, {{"%2C", ","}, {"%2c", ","}, {"+", " "}}));
}

}  // namespace

void Narrow(bool read_only, const Toolsets& toolsets,
            const transports::Exchange& exchange, RequestContext& context) {
  context.read_only = read_only;
  context.toolsets = toolsets;
  const absl::string_view target = exchange.Target();
  const std::size_t query = target.find('?');
  if (query != absl::string_view::npos) {
    for (absl::string_view pair :
         absl::StrSplit(target.substr(query + 1), '&')) {
      if (absl::ConsumePrefix(&pair, "read_only")) {
        absl::ConsumePrefix(&pair, "=");
        if (!IsNo(pair)) context.read_only = true;
      } else if (absl::ConsumePrefix(&pair, "toolsets=")) {
        context.toolsets = NarrowToolsets(context.toolsets, ToolsetsOf(pair));
      }
    }
  }
  const absl::string_view asked = exchange.Header(kReadOnlyHeader);
  if (!asked.empty() && !IsNo(asked)) context.read_only = true;
  const absl::string_view wished = exchange.Header(kToolsetsHeader);
  if (!wished.empty()) {
    context.toolsets = NarrowToolsets(context.toolsets, ToolsetsOf(wished));
  }
  context.narrowed =
      context.read_only != read_only || context.toolsets != toolsets;
}

}  // namespace howdah::mcp

#include "adapter/mcp/request_context.h"

#include <algorithm>
#include <array>

namespace howdah::mcp {
namespace {

constexpr std::array<absl::string_view, 8> kLevels = {
    "debug", "info",     "notice", "warning",
    "error", "critical", "alert",  "emergency"};

}  // namespace

absl::string_view LogLevelText(LogLevel level) {
  return kLevels[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> ParseLogLevel(absl::string_view text) {
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (kLevels[i] == text) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

bool Principal::Has(absl::string_view scope) const {
  return !limited ||
         std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

}  // namespace howdah::mcp

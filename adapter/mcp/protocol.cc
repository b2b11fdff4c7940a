#include "adapter/mcp/protocol.h"

#include <array>

namespace howdah::mcp {
namespace {

struct Named {
  ProtocolVersion version;
  absl::string_view text;
};

constexpr std::array<Named, 5> kVersions = {{
    {ProtocolVersion::k20241105, "2024-11-05"},
    {ProtocolVersion::k20250326, "2025-03-26"},
    {ProtocolVersion::k20250618, "2025-06-18"},
    {ProtocolVersion::k20251125, "2025-11-25"},
    {ProtocolVersion::k20260728, "2026-07-28"},
}};

}  // namespace

absl::string_view VersionText(ProtocolVersion version) {
  return kVersions[static_cast<std::size_t>(version)].text;
}

std::optional<ProtocolVersion> ParseVersion(absl::string_view text) {
  for (const Named& named : kVersions) {
    if (named.text == text) return named.version;
  }
  return std::nullopt;
}

ProtocolVersion Negotiate(absl::string_view asked) {
  std::optional<ProtocolVersion> version = ParseVersion(asked);
  return version.has_value() && !IsModern(*version) ? *version
                                                    : kLatestLegacyVersion;
}

}  // namespace howdah::mcp

// The revisions of the Model Context Protocol this server speaks, and what may
// be said in each. Everything that differs by revision is decided here or in
// the codec of its era (legacy_codec, modern_codec).
#ifndef HOWDAH_ADAPTER_MCP_PROTOCOL_H_
#define HOWDAH_ADAPTER_MCP_PROTOCOL_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace howdah::mcp {

// In order of time; compare with <.
enum class ProtocolVersion {
  k20241105,
  k20250326,
  k20250618,
  k20251125,
  k20260728
};

inline constexpr ProtocolVersion kLatestLegacyVersion =
    ProtocolVersion::k20251125;
inline constexpr ProtocolVersion kModernVersion = ProtocolVersion::k20260728;

// What an HTTP request without MCP-Protocol-Version speaks, by the standard.
inline constexpr ProtocolVersion kUnstatedVersion = ProtocolVersion::k20250326;

// "2025-11-25"
absl::string_view VersionText(ProtocolVersion version);
std::optional<ProtocolVersion> ParseVersion(absl::string_view text);

// What `initialize` agrees on: the version asked for where it is a legacy one,
// else the latest of those. The modern era knows no initialize.
ProtocolVersion Negotiate(absl::string_view asked);

constexpr bool IsModern(ProtocolVersion v) { return v >= kModernVersion; }
constexpr bool HasBatches(ProtocolVersion v) {
  return v == ProtocolVersion::k20250326;
}
// Tool annotations and messages in progress notifications.
constexpr bool HasAnnotations(ProtocolVersion v) {
  return v >= ProtocolVersion::k20250326;
}
// title, outputSchema and structuredContent.
constexpr bool HasStructuredContent(ProtocolVersion v) {
  return v >= ProtocolVersion::k20250618;
}
// Requests to the client for the user's input; since the next revision also by
// a URL to visit.
constexpr bool HasElicitation(ProtocolVersion v) {
  return v >= ProtocolVersion::k20250618;
}
constexpr bool HasUrlElicitation(ProtocolVersion v) {
  return v >= ProtocolVersion::k20251125;
}
// icons, of tools and everything else that has a name.
constexpr bool HasIcons(ProtocolVersion v) {
  return v >= ProtocolVersion::k20251125;
}

// Said when the list of resources is another than it was.
inline constexpr char kResourcesChanged[] =
    "notifications/resources/list_changed";

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_PROTOCOL_H_

// How the revisions with `initialize` (2024-11-05 to 2025-11-25) say things.
#ifndef HOWDAH_ADAPTER_MCP_LEGACY_CODEC_H_
#define HOWDAH_ADAPTER_MCP_LEGACY_CODEC_H_

#include <string>

#include "absl/strings/string_view.h"
#include "adapter/mcp/protocol.h"
#include "adapter/mcp/providers.h"
#include "adapter/mcp/server_info.h"

namespace howdah::mcp::legacy {

// The whole answer to `initialize`.
std::string InitializeAnswer(absl::string_view id, ProtocolVersion version,
                             const ServerInfo& info,
                             const Providers& providers);

}  // namespace howdah::mcp::legacy

#endif  // HOWDAH_ADAPTER_MCP_LEGACY_CODEC_H_

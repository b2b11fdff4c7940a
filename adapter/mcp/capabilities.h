// What the server says it can do: exactly what its providers can.
#ifndef HOWDAH_ADAPTER_MCP_CAPABILITIES_H_
#define HOWDAH_ADAPTER_MCP_CAPABILITIES_H_

#include <string>

#include "adapter/mcp/protocol.h"
#include "adapter/mcp/providers.h"

namespace howdah::mcp {

// {"tools":{"listChanged":true},"prompts":{},..}
std::string Capabilities(const Providers& providers, ProtocolVersion version);

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_CAPABILITIES_H_

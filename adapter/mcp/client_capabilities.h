// What a client says it can do, and what it is told when that is not enough.
#ifndef HOWDAH_ADAPTER_MCP_CLIENT_CAPABILITIES_H_
#define HOWDAH_ADAPTER_MCP_CLIENT_CAPABILITIES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/errors.h"
#include "adapter/mcp/client_input.h"
#include "adapter/mcp/protocol.h"
#include "adapter/mcp/request_context.h"

namespace howdah::mcp {

inline constexpr int kMissingCapability = -32021;

// The extension's name among the capabilities of both sides.
inline constexpr char kTasksExtension[] = "io.modelcontextprotocol/tasks";

// Of an object such as {"elicitation":{"form":{}},"sampling":{}}. What the
// revision does not know does not count.
ClientCapabilities ParseCapabilities(absl::string_view json,
                                     ProtocolVersion version);

// What the request needs, as a ClientCapabilities object; empty if the client
// can do it.
std::string MissingFor(const InputRequest& request,
                       const ClientCapabilities& client);

// `required_json` is a ClientCapabilities object.
jsonrpc::Error MissingCapability(absl::string_view required_json);

// The tasks extension, as a ClientCapabilities object.
std::string TasksCapability();

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_CLIENT_CAPABILITIES_H_

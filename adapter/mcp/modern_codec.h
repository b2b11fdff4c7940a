// How the stateless revision 2026-07-28 says things: every request describes
// itself in params._meta, over HTTP in headers too, and every result says what
// it is.
//
//   {"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{
//      "io.modelcontextprotocol/protocolVersion":"2026-07-28",
//      "io.modelcontextprotocol/clientCapabilities":{}}}}
#ifndef HOWDAH_ADAPTER_MCP_MODERN_CODEC_H_
#define HOWDAH_ADAPTER_MCP_MODERN_CODEC_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/errors.h"
#include "adapter/jsonrpc/message.h"
#include "adapter/mcp/providers.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/results.h"
#include "adapter/mcp/server_info.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp::modern {

inline constexpr int kUnsupportedVersion = -32022;

// Whether the message says that it follows a stateless revision.
bool Describes(const jsonrpc::Message& message);

// A request that may not be served, and its HTTP status.
struct Refused {
  int status;
  jsonrpc::Error error;
};

// Checks what every request must carry, and puts what it says of the client
// into the context. `headers` is null where the transport has none.
std::optional<Refused> ReadRequest(const jsonrpc::Message& message,
                                   const transports::Exchange* headers,
                                   RequestContext& context);

std::string DiscoverAnswer(absl::string_view id, const ServerInfo& info,
                           const Providers& providers, const Results& results);

}  // namespace howdah::mcp::modern

#endif  // HOWDAH_ADAPTER_MCP_MODERN_CODEC_H_

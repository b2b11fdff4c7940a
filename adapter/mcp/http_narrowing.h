// How little an HTTP caller wants to be allowed, by the URL of the endpoint or
// by headers:
//
//   POST /mcp?read_only=true&toolsets=postgres,aiven
//   X-MCP-Readonly: true
//   X-MCP-Toolsets: postgres
//
// Each only narrows what the operator allows, and what the others leave.
#ifndef HOWDAH_ADAPTER_MCP_HTTP_NARROWING_H_
#define HOWDAH_ADAPTER_MCP_HTTP_NARROWING_H_

#include "adapter/mcp/request_context.h"
#include "adapter/mcp/toolsets.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

// Puts the operator's and the caller's wishes into `context`.
void Narrow(bool read_only, const Toolsets& toolsets,
            const transports::Exchange& exchange, RequestContext& context);

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_HTTP_NARROWING_H_

// What a door knows about an incoming message, and what it is told in return.
#ifndef HOWDAH_ADAPTER_MCP_ARRIVAL_H_
#define HOWDAH_ADAPTER_MCP_ARRIVAL_H_

#include "adapter/mcp/protocol.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/session.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

// Where sessions come from.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  // `initialize` has been agreed on and will be answered on the exchange. Gives
  // the session that begins.
  virtual Session& OnInitialized(ProtocolVersion version,
                                 const RequestContext& context,
                                 transports::Exchange& exchange) = 0;
};

// What a door knows about an incoming message.
struct Arrival {
  Session* session = nullptr;
  // Null where no sessions are made.
  SessionHost* host = nullptr;
  // Who asks. Its version is the revision whose rules the answer follows.
  RequestContext context;
  bool allow_batches = false;
  // HTTP carries some facts of a modern message twice, and both must agree.
  bool has_headers = false;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_ARRIVAL_H_

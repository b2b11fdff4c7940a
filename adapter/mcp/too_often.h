// What is said to callers who ask too often.
//
//   const absl::Duration wait = limiter.Take(address, now);
//   if (wait > absl::ZeroDuration()) return RefuseTooOften(exchange, wait);
#ifndef HOWDAH_ADAPTER_MCP_TOO_OFTEN_H_
#define HOWDAH_ADAPTER_MCP_TOO_OFTEN_H_

#include "absl/time/time.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

// 429 with Retry-After, at least a second.
void RefuseTooOften(transports::Exchange& exchange, absl::Duration wait);

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TOO_OFTEN_H_

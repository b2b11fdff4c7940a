// What is said to callers who ask too often, and whom an address stands for.
//
//   const absl::Duration wait = limiter.Take(NetworkOf(address), now);
//   if (wait > absl::ZeroDuration()) return RefuseTooOften(exchange, wait);
#ifndef HOWDAH_ADAPTER_MCP_TOO_OFTEN_H_
#define HOWDAH_ADAPTER_MCP_TOO_OFTEN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

// Whoever has one IPv6 address has all that share its first half.
std::string NetworkOf(absl::string_view address);

// 429 with Retry-After, at least a second.
void RefuseTooOften(transports::Exchange& exchange, absl::Duration wait);

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TOO_OFTEN_H_

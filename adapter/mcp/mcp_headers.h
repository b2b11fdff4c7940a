// The headers in which HTTP repeats what the body of a modern message says, so
// that proxies can route by them. Both must agree, or a proxy could be fooled.
#ifndef HOWDAH_ADAPTER_MCP_MCP_HEADERS_H_
#define HOWDAH_ADAPTER_MCP_MCP_HEADERS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/errors.h"

namespace howdah::mcp {

inline constexpr int kHeaderMismatch = -32020;

// The value a header stands for: itself, or what =?base64?..?= wraps. Nothing
// if the wrapping is broken.
std::optional<std::string> HeaderValue(absl::string_view header);

jsonrpc::Error HeaderMismatch(absl::string_view header,
                              absl::string_view expected);

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_MCP_HEADERS_H_

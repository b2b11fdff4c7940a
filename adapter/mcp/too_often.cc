#include "adapter/mcp/too_often.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/answer.h"

namespace howdah::mcp {

std::string NetworkOf(absl::string_view address) {
  constexpr std::size_t kHalf = 8;
  constexpr absl::string_view kMappedIpv4 = "::ffff:";
  std::string text(address);
  in6_addr bytes;
  if (absl::StartsWith(address, kMappedIpv4) ||
      inet_pton(AF_INET6, text.c_str(), &bytes) != 1) {
    return text;
  }
  return std::string(reinterpret_cast<const char*>(&bytes), kHalf);
}

void RefuseTooOften(transports::Exchange& exchange, absl::Duration wait) {
  const std::int64_t seconds = absl::ToInt64Seconds(
      absl::Ceil(std::max(wait, absl::Seconds(1)), absl::Seconds(1)));
  exchange.SetHeader("Retry-After", absl::StrCat(seconds));
  exchange.Finish({kHttpTooManyRequests,
                   jsonrpc::ErrorMessage(
                       {}, jsonrpc::InvalidRequest(absl::StrCat(
                               "Too many requests; try again in ", seconds,
                               seconds == 1 ? " second." : " seconds.")))});
}

}  // namespace howdah::mcp

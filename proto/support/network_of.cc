#include "proto/support/network_of.h"

#include <arpa/inet.h>

#include <cstddef>

#include "absl/strings/match.h"

namespace howdah::support {

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

}  // namespace howdah::support

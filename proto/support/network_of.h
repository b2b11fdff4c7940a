// Whom an address stands for, where callers are limited by their addresses.
//
//   limiter.Take(NetworkOf("2001:db8::1"), now);
#ifndef HOWDAH_PROTO_SUPPORT_NETWORK_OF_H_
#define HOWDAH_PROTO_SUPPORT_NETWORK_OF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace howdah::support {

// Whoever has one IPv6 address has all that share its first half.
std::string NetworkOf(absl::string_view address);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_NETWORK_OF_H_

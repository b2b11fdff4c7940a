// The parts of a URL that decide where a request goes.
#ifndef HOWDAH_BACKEND_NET_URL_H_
#define HOWDAH_BACKEND_NET_URL_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace howdah::net {

struct UrlParts {
  std::string scheme;
  // An IPv6 address in brackets.
  std::string host;
  // The scheme's own if the URL names none.
  std::string port;
};

std::optional<UrlParts> ParseUrl(const std::string& text);

bool IsLoopback(absl::string_view host);

// Scheme, host and port, for messages: no path, no query, no user.
std::string Origin(const std::string& url);

}  // namespace howdah::net

#endif  // HOWDAH_BACKEND_NET_URL_H_

#include "adapter/transports/host_policy.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace howdah::transports {
namespace {

bool IsLoopbackAddress(absl::string_view address) {
  return absl::StartsWith(address, "127.") || address == "::1" ||
         address == "localhost";
}

// "localhost:3000" -> "localhost", "[::1]:3000" -> "[::1]"; empty if it is
// neither.
absl::string_view NameOf(absl::string_view host) {
  std::size_t end = 0;
  if (absl::StartsWith(host, "[")) {
    end = host.find(']');
    if (end == absl::string_view::npos) return {};
    ++end;
  } else {
    end = std::min(host.find(':'), host.size());
  }
  absl::string_view port = host.substr(end);
  if (absl::ConsumePrefix(&port, ":")) {
    for (char c : port) {
      if (!absl::ascii_isdigit(c)) return {};
    }
  } else if (!port.empty()) {
    return {};
  }
  return host.substr(0, end);
}

}  // namespace

HostPolicy::HostPolicy(absl::string_view bound_address,
                       std::vector<std::string> allowed_hosts,
                       std::vector<std::string> allowed_origins)
    : any_host_(!IsLoopbackAddress(bound_address) && allowed_hosts.empty()),
      allowed_(std::move(allowed_hosts)),
      origins_(std::move(allowed_origins)) {}

bool HostPolicy::Allows(absl::string_view host,
                        absl::string_view origin) const {
  const absl::string_view name = NameOf(host);
  if (name.empty() || !(any_host_ || Knows(name))) return false;
  if (origin.empty() || MayRead(origin)) return true;
  if (!absl::ConsumePrefix(&origin, "http://") &&
      !absl::ConsumePrefix(&origin, "https://")) {
    return false;
  }
  const absl::string_view from = NameOf(origin);
  if (from.empty()) return false;
  return any_host_ ? absl::EqualsIgnoreCase(from, name) : Knows(from);
}

bool HostPolicy::MayRead(absl::string_view origin) const {
  for (const std::string& allowed : origins_) {
    if (absl::EqualsIgnoreCase(origin, allowed)) return true;
  }
  return false;
}

bool HostPolicy::Knows(absl::string_view name) const {
  for (absl::string_view loopback : {"localhost", "127.0.0.1", "[::1]"}) {
    if (absl::EqualsIgnoreCase(name, loopback)) return true;
  }
  for (const std::string& allowed : allowed_) {
    if (absl::EqualsIgnoreCase(name, allowed)) return true;
  }
  return false;
}

}  // namespace howdah::transports

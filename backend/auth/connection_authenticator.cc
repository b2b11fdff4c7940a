#include "backend/auth/connection_authenticator.h"

#include "absl/strings/match.h"
#include "proto/support/status_details.h"

namespace howdah::auth {
namespace {

bool IsLocal(absl::string_view peer) {
  return absl::StartsWith(peer, "unix") ||
         absl::StartsWith(peer, "ipv4:127.") ||
         absl::StartsWith(peer, "ipv6:%5B::1%5D") ||
         absl::StartsWith(peer, "ipv6:[::1]");
}

}  // namespace

std::optional<Principal> PrincipalOfCertificate(const Caller& caller) {
  for (std::string& name : caller.CertificateNames()) {
    if (name.empty()) continue;
    Principal principal;
    principal.name = std::move(name);
    return principal;
  }
  return std::nullopt;
}

std::optional<Authenticator::Answer> ConnectionAuthenticator::FromMemory(
    const Caller& caller) {
  if (!caller.Metadata("authorization").empty()) {
    return support::ErrorBuilder(absl::StatusCode::kUnauthenticated,
                                 "TOKENS_NOT_ACCEPTED", support::kHowdahDomain)
        .Message(
            "This server is not set up for tokens; send the call without "
            "\"authorization\" metadata.")
        .Build();
  }
  if (options_.certificates) {
    if (auto named = PrincipalOfCertificate(caller)) return *std::move(named);
  }
  Principal principal;
  if (!IsLocal(caller.Peer())) principal.name = "anonymous";
  return principal;
}

}  // namespace howdah::auth

// What an issuer publishes: its metadata and its keys.
//
//   Issuer issuer({.url = "https://id.example.com"}, client, SystemClock());
//   auto keys = issuer.keys().Current();
//
// Metadata is looked for where OpenID Connect has it
// (<issuer>/.well-known/openid-configuration), then where OAuth has it
// (RFC 8414: /.well-known/oauth-authorization-server before the issuer's path),
// and taken only if it names the very issuer that it was asked for.
#ifndef HOWDAH_BACKEND_AUTH_ISSUER_H_
#define HOWDAH_BACKEND_AUTH_ISSUER_H_

#include <functional>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "backend/auth/key_set.h"
#include "backend/auth/refreshed.h"
#include "backend/net/clock.h"

namespace howdah::auth {

struct IssuerOptions {
  // As in the tokens' "iss".
  std::string url = {};
  // Where the keys are; empty: where the metadata says.
  std::string jwks_uri = {};
  RefreshOptions refresh = {};
};

struct IssuerMetadata {
  // The document, a JSON object.
  std::string json;
  std::string jwks_uri;
  bool operator==(const IssuerMetadata&) const = default;
};

// Gets the body of a 200 answer.
using HttpGet = std::function<absl::StatusOr<std::string>(
    const std::string& url, std::stop_token cancelled)>;

// INVALID_ARGUMENT unless the URL is https, or http on this machine, and has no
// query, fragment or user.
absl::Status CheckIssuerUrl(const std::string& url);

// Threads: safe. Owns: what it has fetched. `clock` must outlive it.
class Issuer {
 public:
  Issuer(IssuerOptions options, HttpGet get, net::Clock& clock);

  Refreshed<KeySet>& keys() { return keys_; }
  Refreshed<IssuerMetadata>& metadata() { return metadata_; }

 private:
  absl::StatusOr<IssuerMetadata> FetchMetadata(std::stop_token cancelled) const;
  absl::StatusOr<KeySet> FetchKeys(std::stop_token cancelled) const;

  const IssuerOptions options_;
  const HttpGet get_;
  Refreshed<IssuerMetadata> metadata_;
  Refreshed<KeySet> keys_;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_ISSUER_H_

// Who gets to the door: with OAuth on, a request without a good token is
// answered here, whatever it asks for.
//
//   AdmissionDoor admission(verifier, options);
//   HttpDoor door(server, {.principals = &admission});
//   admission.Guard(door);
//   transports::HttpTransport http(io, http_options, admission);
//
//   POST /mcp                                     -> 401, WWW-Authenticate
//   POST /mcp, Authorization: Bearer eyJ…         -> door.OnMessage
//   GET /.well-known/oauth-protected-resource/mcp -> where to get a token
//   GET /.well-known/oauth-authorization-server   -> the issuer's metadata
//
// A token is looked at by the backend, once in a while; every call that goes
// on to the backend carries it and is looked at there again.
//
// Failing is limited too, before anybody looks at a signature. A bad token that
// comes again is known and costs only itself. When those of one address have
// failed too often, 429 is the answer to every further one; one unknown token
// at a time is still looked at, so that a good one gets in even from behind the
// same proxy as an attacker, and one that was good before does not notice.
#ifndef HOWDAH_ADAPTER_MCP_ADMISSION_H_
#define HOWDAH_ADAPTER_MCP_ADMISSION_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/token_verifier.h"
#include "adapter/transports/message_sink.h"
#include "proto/support/rate_limiter.h"

namespace howdah::mcp {

struct AdmissionOptions {
  // Under which clients know the endpoint ("https://howdah.example.com/mcp");
  // empty: what they call it in the Host header.
  std::string public_url;
  // Clients reach this server itself over TLS.
  bool tls = false;
  // A token is asked about again after this, for it may have been withdrawn.
  absl::Duration remember = absl::Seconds(60);
  // A bad one is known to be so for this: its key may only be new.
  absl::Duration remember_refused = absl::Seconds(5);
  // Of each address, for tokens that fail; of each bad token; and of each
  // address without a token.
  support::RateLimit failures = {};
  // How long the issuer's description is kept.
  absl::Duration keep_description = absl::Minutes(5);
  std::size_t most_remembered = 4096;
  std::function<absl::Time()> now = [] { return absl::Now(); };
};

// Threads: the one that runs the transport. Owns: digests of tokens, principals
// and requests that wait for a verdict. The verifier must outlive it.
class AdmissionDoor : public transports::MessageSink {
 public:
  AdmissionDoor(TokenVerifier& verifier, AdmissionOptions options);
  ~AdmissionDoor() override;

  // Where admitted requests go; set once, before the first. Must outlive this.
  void Guard(transports::MessageSink& door);

  // From now on this is the limit of failures.
  void set_failures(support::RateLimit limit);

  // Whose token it is; null if it was not admitted, or no longer is.
  std::shared_ptr<const Principal> PrincipalOf(absl::string_view token) const;

  void OnMessage(absl::string_view bytes,
                 transports::Exchange& exchange) override;
  void OnListen(transports::Exchange& exchange) override;
  void OnEnd(transports::Exchange& exchange) override;
  void OnFetch(transports::Exchange& exchange) override;
  void OnGone(transports::Exchange& exchange) override;
  std::string Refusal(int status, absl::string_view sentence) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_ADMISSION_H_

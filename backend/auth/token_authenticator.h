// Authenticates by bearer token: JSON Web Tokens that one issuer signed.
//
//   Issuer issuer({.url = "https://id.example.com"}, get, SystemClock());
//   ASSIGN_OR_RETURN(auto tokens, TokenAuthenticator::Make(
//       {.rules = {.issuer = "https://id.example.com",
//                  .audiences = {"https://howdah.example.com/mcp"}}},
//       issuer, connections, SystemClock()));
//
// Every call needs a token, also from this machine; only a verified client
// certificate stands for itself. What fails closes: no keys, no call. Whose
// tokens fail too often waits (failure_limit.h).
#ifndef HOWDAH_BACKEND_AUTH_TOKEN_AUTHENTICATOR_H_
#define HOWDAH_BACKEND_AUTH_TOKEN_AUTHENTICATOR_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backend/auth/authenticator.h"
#include "backend/auth/failure_limit.h"
#include "backend/auth/impersonation.h"
#include "backend/auth/issuer.h"
#include "backend/auth/signed_token.h"
#include "backend/auth/token_cache.h"
#include "backend/auth/token_rules.h"
#include "backend/net/clock.h"

namespace howdah::auth {

struct TokenAuthenticatorOptions {
  TokenRules rules;
  // Client certificates are verified and name their callers.
  bool certificates = false;
  // Of all callers, those with certificates included.
  Impersonation impersonation;
  FailureLimitOptions failures = {};
  size_t most_cached = 4096;
};

// Threads: safe. Owns: what it remembers of verified tokens. Issuer and clock
// must outlive it and all its callbacks.
class TokenAuthenticator : public Authenticator {
 public:
  // FAILED_PRECONDITION with reason TOKEN_LIBRARY_MISSING.
  static absl::StatusOr<std::unique_ptr<TokenAuthenticator>> Make(
      TokenAuthenticatorOptions options, Issuer& issuer, net::Clock& clock);

  std::optional<Answer> FromMemory(const Caller& caller) override;
  void Authenticate(const Caller& caller, Done done) override;

 private:
  using Keys = Refreshed<KeySet>::Version;

  TokenAuthenticator(TokenAuthenticatorOptions options, Issuer& issuer,
                     net::Clock& clock);

  void Verify(std::string text, SignedToken token, Done done);
  // Nothing if none of the keys is the one that signed.
  std::optional<Answer> Check(const std::string& text, const SignedToken& token,
                              const Keys& keys);

  const TokenAuthenticatorOptions options_;
  Issuer& issuer_;
  net::Clock& clock_;
  TokenCache cache_;
  FailureLimit failures_;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_TOKEN_AUTHENTICATOR_H_

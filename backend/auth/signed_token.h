// A signed token (JWS in compact form), before and after its signature has been
// verified.
//
//   ASSIGN_OR_RETURN(SignedToken token, SignedToken::Parse(text));
//   const PublicKey& key = …;   // for token.algorithm(), token.key_id()
//   ASSIGN_OR_RETURN(nlohmann::json claims, token.Verify(key));
//
// Nothing of the payload can be had before Verify has said OK.
#ifndef HOWDAH_BACKEND_AUTH_SIGNED_TOKEN_H_
#define HOWDAH_BACKEND_AUTH_SIGNED_TOKEN_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/auth/key_set.h"
#include "nlohmann/json.hpp"

namespace howdah::auth {

inline constexpr size_t kLongestToken = 16 * 1024;

// Threads: immutable; safe. Limits: keys are never taken from the token itself
// (jwk, jku, x5c, x5u), and a header that demands extensions (crit) is refused.
class SignedToken {
 public:
  // UNAUTHENTICATED with reason TOKEN_MALFORMED or TOKEN_ALGORITHM.
  static absl::StatusOr<SignedToken> Parse(absl::string_view text);

  const std::string& algorithm() const { return algorithm_; }
  // Empty if the token names no key.
  const std::string& key_id() const { return key_id_; }

  // The claims. UNAUTHENTICATED with reason TOKEN_SIGNATURE if the key did not
  // sign this. LoadRhonabwy has said OK before.
  absl::StatusOr<nlohmann::json> Verify(const PublicKey& key) const;

 private:
  SignedToken(std::string text, std::string algorithm, std::string key_id)
      : text_(std::move(text)),
        algorithm_(std::move(algorithm)),
        key_id_(std::move(key_id)) {}

  std::string text_;
  std::string algorithm_;
  std::string key_id_;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_SIGNED_TOKEN_H_

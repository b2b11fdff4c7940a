// The keys with which an issuer signs its tokens: a JSON Web Key Set.
//
//   ASSIGN_OR_RETURN(KeySet keys,
//   ParseKeySet(R"({"keys":[{"kty":"RSA",…}]})")); for (const PublicKey* key :
//   keys.Candidates("RS256", "2026-11")) …
//
// A key says by its type for which algorithms it may be used, whatever a token
// claims: so a public RSA key never becomes the secret of an HMAC.
#ifndef HOWDAH_BACKEND_AUTH_KEY_SET_H_
#define HOWDAH_BACKEND_AUTH_KEY_SET_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::auth {

// Whether tokens may be signed so: RS, PS and ES with SHA-256, 384 and 512,
// and EdDSA. Neither "none" nor HMAC.
bool IsAcceptedAlgorithm(absl::string_view algorithm);

// Threads: a value.
struct PublicKey {
  // Empty if the key has none.
  std::string id;
  // "RSA", "EC" or "OKP".
  std::string type;
  // Curve of EC and OKP keys.
  std::string curve;
  // The one algorithm it may be used for; empty: all that fit its type.
  std::string algorithm;
  // The public members of the key, as a JWK.
  std::string jwk;

  bool Fits(absl::string_view algorithm) const;
  bool operator==(const PublicKey&) const = default;
};

// Threads: immutable; safe. Limits: of a set with more keys only the first 64
// are used.
class KeySet {
 public:
  explicit KeySet(std::vector<PublicKey> keys) : keys_(std::move(keys)) {}

  // Keys that may have made the signature; an empty `id` fits every key.
  std::vector<const PublicKey*> Candidates(absl::string_view algorithm,
                                           absl::string_view id) const;
  const std::vector<PublicKey>& keys() const { return keys_; }
  bool operator==(const KeySet&) const = default;

 private:
  std::vector<PublicKey> keys_;
};

// Keys for other purposes, of other kinds and too short ones are left out. An
// error if the text is no key set, or no key is left.
absl::StatusOr<KeySet> ParseKeySet(absl::string_view text);

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_KEY_SET_H_

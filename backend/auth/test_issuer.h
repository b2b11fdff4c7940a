// An issuer of tokens for tests, with keys of its own that are made at run time
// by OpenSSL, which the code under test does not use for tokens.
//
//   TestKey key = TestKey::Rsa("first");
//   const std::string set = KeySetOf({&key});
//   const std::string token = key.Sign("RS256", {{"sub", "ada"}, …});
#ifndef HOWDAH_BACKEND_AUTH_TEST_ISSUER_H_
#define HOWDAH_BACKEND_AUTH_TEST_ISSUER_H_

#include <memory>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

struct evp_pkey_st;

namespace howdah::auth {

// Threads: immutable. Owns: a key pair.
class TestKey {
 public:
  static TestKey Rsa(const std::string& id, unsigned bits = 2048);
  // "P-256", "P-384", "P-521".
  static TestKey Ec(const std::string& id, const std::string& curve);
  static TestKey Ed25519(const std::string& id);

  // The public key as a JWK.
  nlohmann::json Jwk() const;
  // The public key as PEM text: what the attack on HMAC takes for a secret.
  std::string PublicPem() const;

  // Signs claims; the header names the algorithm and this key.
  std::string Sign(const std::string& algorithm,
                   const nlohmann::json& claims) const;
  // As Sign, with a header of the test's choice.
  std::string SignWithHeader(const std::string& algorithm,
                             const nlohmann::json& header,
                             const nlohmann::json& claims) const;

 private:
  TestKey(std::string id, evp_pkey_st* key);

  std::string id_;
  std::shared_ptr<evp_pkey_st> key_;
};

// Signed with a secret, as no token may be.
std::string SignHmac(const std::string& secret, const nlohmann::json& header,
                     const nlohmann::json& claims);

// Not signed at all.
std::string Unsigned(const nlohmann::json& header,
                     const nlohmann::json& claims);

// {"keys":[…]}
std::string KeySetOf(const std::vector<const TestKey*>& keys);

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_TEST_ISSUER_H_

#include "backend/auth/test_issuer.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace howdah::auth {
namespace {

using nlohmann::json;

std::string Base64Url(const std::string& bytes) {
  return absl::WebSafeBase64Escape(bytes);
}

std::string SignedPart(const json& header, const json& claims) {
  return absl::StrCat(Base64Url(header.dump()), ".", Base64Url(claims.dump()));
}

// A big number of the key, as many bytes as it has or at least `size`.
std::string Number(EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  std::string bytes(std::max(size, BN_num_bytes(number)), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  BN_free(number);
  return bytes;
}

int CoordinateBytes(EVP_PKEY* key) { return (EVP_PKEY_bits(key) + 7) / 8; }

// ECDSA signatures are two numbers side by side in a token.
std::string RawEcdsa(EVP_PKEY* key, const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* signature =
      // NOLINTNEXTLINE(google-runtime-int): what OpenSSL takes.
      d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
  const int size = CoordinateBytes(key);
  std::string raw(2 * size, '\0');
  auto* to = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), to, size);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), to + size, size);
  ECDSA_SIG_free(signature);
  return raw;
}

const EVP_MD* DigestOf(const std::string& algorithm) {
  if (algorithm == "EdDSA") return nullptr;
  if (algorithm.substr(2) == "384") return EVP_sha384();
  return algorithm.substr(2) == "512" ? EVP_sha512() : EVP_sha256();
}

std::string Signature(EVP_PKEY* key, const std::string& algorithm,
                      const std::string& text) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* options = nullptr;
  EVP_DigestSignInit(context, &options, DigestOf(algorithm), nullptr, key);
  if (algorithm.substr(0, 2) == "PS") {
    EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
  }
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  EVP_DigestSign(context, nullptr, &size, data, text.size());
  std::string signature(size, '\0');
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()),
                 &size, data, text.size());
  signature.resize(size);
  EVP_MD_CTX_free(context);
  return algorithm.substr(0, 2) == "ES" ? RawEcdsa(key, signature) : signature;
}

}  // namespace

TestKey::TestKey(std::string id, evp_pkey_st* key)
    : id_(std::move(id)), key_(key, &EVP_PKEY_free) {}

TestKey TestKey::Rsa(const std::string& id, unsigned bits) {
  return TestKey(id, EVP_RSA_gen(bits));
}

TestKey TestKey::Ec(const std::string& id, const std::string& curve) {
  return TestKey(id, EVP_EC_gen(curve.c_str()));
}

TestKey TestKey::Ed25519(const std::string& id) {
  return TestKey(id, EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

json TestKey::Jwk() const {
  EVP_PKEY* key = key_.get();
  json jwk = {{"kid", id_}, {"use", "sig"}};
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    jwk["kty"] = "RSA";
    jwk["n"] = Base64Url(Number(key, OSSL_PKEY_PARAM_RSA_N));
    jwk["e"] = Base64Url(Number(key, OSSL_PKEY_PARAM_RSA_E));
  } else if (EVP_PKEY_is_a(key, "EC") == 1) {
    const int size = CoordinateBytes(key);
    jwk["kty"] = "EC";
    jwk["crv"] = absl::StrCat("P-", EVP_PKEY_bits(key));
    jwk["x"] = Base64Url(Number(key, OSSL_PKEY_PARAM_EC_PUB_X, size));
    jwk["y"] = Base64Url(Number(key, OSSL_PKEY_PARAM_EC_PUB_Y, size));
  } else {
    std::string bytes(32, '\0');
    size_t size = bytes.size();
    EVP_PKEY_get_raw_public_key(
        key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
    jwk["kty"] = "OKP";
    jwk["crv"] = "Ed25519";
    jwk["x"] = Base64Url(bytes);
  }
  return jwk;
}

std::string TestKey::PublicPem() const {
  BIO* text = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(text, key_.get());
  char* data = nullptr;
  const auto size = BIO_get_mem_data(text, &data);
  std::string pem(data, size);
  BIO_free(text);
  return pem;
}

std::string TestKey::Sign(const std::string& algorithm,
                          const json& claims) const {
  return SignWithHeader(
      algorithm, {{"alg", algorithm}, {"kid", id_}, {"typ", "at+jwt"}}, claims);
}

std::string TestKey::SignWithHeader(const std::string& algorithm,
                                    const json& header,
                                    const json& claims) const {
  const std::string text = SignedPart(header, claims);
  return absl::StrCat(text, ".",
                      Base64Url(Signature(key_.get(), algorithm, text)));
}

std::string SignHmac(const std::string& secret, const json& header,
                     const json& claims) {
  const std::string text = SignedPart(header, claims);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac,
       &size);
  return absl::StrCat(text, ".",
                      Base64Url({reinterpret_cast<const char*>(mac), size}));
}

std::string Unsigned(const json& header, const json& claims) {
  return absl::StrCat(SignedPart(header, claims), ".");
}

std::string KeySetOf(const std::vector<const TestKey*>& keys) {
  json set = {{"keys", json::array()}};
  for (const TestKey* key : keys) set["keys"].push_back(key->Jwk());
  return set.dump();
}

}  // namespace howdah::auth

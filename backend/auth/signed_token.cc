#include "backend/auth/signed_token.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "backend/auth/errors.h"
#include "backend/auth/json_object.h"
#include "backend/auth/rhonabwy_library.h"

namespace howdah::auth {
namespace {

using nlohmann::json;

constexpr size_t kParts = 3;

struct FreeJwk {
  void operator()(jwk_t* jwk) const { Rhonabwy().jwk_free(jwk); }
};
struct FreeJws {
  void operator()(jws_t* jws) const { Rhonabwy().jws_free(jws); }
};

absl::Status Malformed(absl::string_view why) {
  return TokenRefused(kTokenMalformed,
                      absl::StrCat("The bearer token is not a signed JSON Web "
                                   "Token that can be read: ",
                                   why, "."));
}

absl::Status BadSignature() {
  return TokenRefused(kTokenSignature,
                      "The signature of the token is not valid.");
}

bool IsBase64Url(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
}

// Tokens for other purposes (log-out tokens, proofs of possession) say so.
bool IsAccessTokenType(const std::string& type) {
  absl::string_view name = type;
  const std::string lower = absl::AsciiStrToLower(name);
  name = lower;
  absl::ConsumePrefix(&name, "application/");
  return name == "jwt" || name == "at+jwt";
}

absl::Status CheckHeader(const json& header) {
  const std::string algorithm = StringMember(header, "alg");
  if (!IsAcceptedAlgorithm(algorithm)) {
    return TokenRefused(
        kTokenAlgorithm,
        "The token is not signed in a way that this server accepts; RS256, "
        "PS256, ES256 (and their longer forms) and EdDSA are.");
  }
  if (header.contains("crit")) {
    return Malformed("its header demands extensions");
  }
  for (const char* name : {"kid", "typ"}) {
    if (header.contains(name) && !header[name].is_string()) {
      return Malformed(absl::StrCat("\"", name, "\" is no text"));
    }
  }
  if (header.contains("typ") &&
      !IsAccessTokenType(header["typ"].get<std::string>())) {
    return Malformed("its type is not that of an access token");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SignedToken> SignedToken::Parse(absl::string_view text) {
  if (text.size() > kLongestToken) return Malformed("it is too long");
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  if (parts.size() != kParts) {
    return Malformed("it does not have three parts");
  }
  // "none" has an empty signature; its own refusal says more.
  for (size_t i = 0; i + 1 < kParts; ++i) {
    if (!IsBase64Url(parts[i])) return Malformed("it is not base64url");
  }
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(parts[0], &decoded)) {
    return Malformed("its header is not base64url");
  }
  const std::optional<json> header = ParseJsonObject(decoded);
  if (!header) return Malformed("its header is no JSON object");
  const absl::Status checked = CheckHeader(*header);
  if (!checked.ok()) return checked;
  if (!IsBase64Url(parts[2])) {
    return Malformed("its signature is not base64url");
  }
  return SignedToken(std::string(text), StringMember(*header, "alg"),
                     StringMember(*header, "kid"));
}

absl::StatusOr<json> SignedToken::Verify(const PublicKey& key) const {
  if (!key.Fits(algorithm_)) return BadSignature();
  const RhonabwyLibrary& rhonabwy = Rhonabwy();
  jwk_t* raw_jwk = nullptr;
  jws_t* raw_jws = nullptr;
  if (rhonabwy.jwk_init(&raw_jwk) != RHN_OK) return BadSignature();
  const std::unique_ptr<jwk_t, FreeJwk> jwk(raw_jwk);
  if (rhonabwy.jws_init(&raw_jws) != RHN_OK) return BadSignature();
  const std::unique_ptr<jws_t, FreeJws> jws(raw_jws);
  // The type once more, as the library sees it: a public key and no other.
  if (rhonabwy.jwk_import_from_json_str(jwk.get(), key.jwk.c_str()) != RHN_OK ||
      (rhonabwy.jwk_key_type(jwk.get(), nullptr, R_FLAG_IGNORE_REMOTE) &
       R_KEY_TYPE_PUBLIC) == 0) {
    return BadSignature();
  }
  if (rhonabwy.jws_advanced_compact_parsen(jws.get(), text_.data(),
                                           text_.size(), R_PARSE_NONE,
                                           R_FLAG_IGNORE_REMOTE) != RHN_OK ||
      rhonabwy.jws_get_alg(jws.get()) !=
          rhonabwy.str_to_jwa_alg(algorithm_.c_str()) ||
      rhonabwy.jws_verify_signature(jws.get(), jwk.get(),
                                    R_FLAG_IGNORE_REMOTE) != RHN_OK) {
    return BadSignature();
  }
  size_t size = 0;
  const unsigned char* payload = rhonabwy.jws_get_payload(jws.get(), &size);
  std::optional<json> claims = ParseJsonObject(
      {reinterpret_cast<const char*>(payload), payload == nullptr ? 0 : size});
  if (!claims) return Malformed("its payload is no JSON object");
  return *std::move(claims);
}

}  // namespace howdah::auth

#include "backend/auth/key_set.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "backend/auth/json_object.h"

namespace howdah::auth {
namespace {

using nlohmann::json;

constexpr size_t kMostKeys = 64;
// 2048 bits; what is shorter is no longer a signature.
constexpr size_t kShortestModulusBytes = 256;

struct Algorithm {
  absl::string_view name;
  absl::string_view type;
  absl::string_view curve;
};
constexpr Algorithm kAlgorithms[] = {
    {"RS256", "RSA", ""},     {"RS384", "RSA", ""},
    {"RS512", "RSA", ""},     {"PS256", "RSA", ""},
    {"PS384", "RSA", ""},     {"PS512", "RSA", ""},
    {"ES256", "EC", "P-256"}, {"ES384", "EC", "P-384"},
    {"ES512", "EC", "P-521"}, {"EdDSA", "OKP", "Ed25519"},
};

const Algorithm* FindAlgorithm(absl::string_view name) {
  for (const Algorithm& algorithm : kAlgorithms) {
    if (algorithm.name == name) return &algorithm;
  }
  return nullptr;
}

// Public members for each type; what else a set may hold is not taken along,
// above all no private part and no address to load keys from.
std::vector<const char*> PublicMembers(absl::string_view type) {
  if (type == "RSA") return {"kty", "n", "e"};
  if (type == "EC") return {"kty", "crv", "x", "y"};
  if (type == "OKP") return {"kty", "crv", "x"};
  return {};
}

bool IsForVerifying(const json& key) {
  const std::string use = StringMember(key, "use");
  if (!use.empty() && use != "sig") return false;
  const auto operations = key.find("key_ops");
  if (operations == key.end()) return true;
  return operations->is_array() &&
         std::find(operations->begin(), operations->end(), "verify") !=
             operations->end();
}

bool IsLongEnough(const PublicKey& key, const json& members) {
  if (key.type != "RSA") return true;
  std::string modulus;
  if (!absl::WebSafeBase64Unescape(StringMember(members, "n"), &modulus)) {
    return false;
  }
  return modulus.size() -
             std::min(modulus.find_first_not_of('\0'), modulus.size()) >=
         kShortestModulusBytes;
}

std::optional<PublicKey> ReadKey(const json& members) {
  if (!members.is_object() || !IsForVerifying(members)) return std::nullopt;
  PublicKey key;
  key.id = StringMember(members, "kid");
  key.type = StringMember(members, "kty");
  key.curve = StringMember(members, "crv");
  key.algorithm = StringMember(members, "alg");
  json public_members = json::object();
  for (const char* name : PublicMembers(key.type)) {
    const std::string value = StringMember(members, name);
    if (value.empty()) return std::nullopt;
    public_members[name] = value;
  }
  const bool of_use =
      std::any_of(std::begin(kAlgorithms), std::end(kAlgorithms),
                  [&](const Algorithm& a) { return key.Fits(a.name); });
  if (!of_use || !IsLongEnough(key, members)) return std::nullopt;
  key.jwk = public_members.dump(-1, ' ', true, json::error_handler_t::replace);
  return key;
}

}  // namespace

bool IsAcceptedAlgorithm(absl::string_view algorithm) {
  return FindAlgorithm(algorithm) != nullptr;
}

bool PublicKey::Fits(absl::string_view wanted) const {
  const Algorithm* found = FindAlgorithm(wanted);
  return found != nullptr && found->type == type &&
         (found->curve.empty() || found->curve == curve) &&
         (algorithm.empty() || algorithm == wanted);
}

std::vector<const PublicKey*> KeySet::Candidates(absl::string_view algorithm,
                                                 absl::string_view id) const {
  std::vector<const PublicKey*> candidates;
  for (const PublicKey& key : keys_) {
    if ((id.empty() || key.id == id) && key.Fits(algorithm)) {
      candidates.push_back(&key);
    }
  }
  return candidates;
}

absl::StatusOr<KeySet> ParseKeySet(absl::string_view text) {
  const std::optional<json> set = ParseJsonObject(text);
  const auto keys = set ? set->find("keys") : json::const_iterator();
  if (!set || keys == set->end() || !keys->is_array()) {
    return absl::InvalidArgumentError("The answer is no JSON Web Key Set.");
  }
  std::vector<PublicKey> usable;
  for (const json& key : *keys) {
    if (usable.size() == kMostKeys) break;
    if (auto read = ReadKey(key)) usable.push_back(*std::move(read));
  }
  if (usable.empty()) {
    return absl::InvalidArgumentError(
        "The key set has no key that tokens can be verified with.");
  }
  return KeySet(std::move(usable));
}

}  // namespace howdah::auth

#include "backend/aws/client_token.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "re2/re2.h"

namespace howdah::aws {
namespace {

bool IsUuid(absl::string_view text) {
  static const RE2* const kForm = new RE2(
      "(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *kForm);
}

}  // namespace

std::string ClientToken(absl::string_view caller,
                        absl::string_view request_id) {
  if (IsUuid(request_id)) return absl::AsciiStrToLower(request_id);
  // A length before the first: no two pairs give the same text.
  const std::string text =
      absl::StrCat(caller.size(), ":", caller, "/", request_id);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  // Version 8 of a UUID: its maker's own.
  constexpr unsigned char kLowNibble = 0x0F;
  constexpr unsigned char kVersion = 0x80;
  constexpr unsigned char kLowSixBits = 0x3F;
  constexpr unsigned char kVariant = 0x80;
  digest[6] = (digest[6] & kLowNibble) | kVersion;
  digest[8] = (digest[8] & kLowSixBits) | kVariant;
  const std::string hex = absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), 16));
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-",
                      hex.substr(12, 4), "-", hex.substr(16, 4), "-",
                      hex.substr(20));
}

}  // namespace howdah::aws

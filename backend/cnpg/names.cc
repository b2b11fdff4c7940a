#include "backend/cnpg/names.h"

#include <openssl/sha.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace howdah::cnpg {
namespace {

// DNS-1123 label characters; dots would be legal too but make names that look
// like host names.
bool IsLegal(absl::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  for (char c : name) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '-') {
      return false;
    }
  }
  return name.front() != '-' && name.back() != '-';
}

std::string Sanitised(absl::string_view name) {
  std::string result;
  for (char c : name) {
    char lower = absl::ascii_tolower(c);
    bool keep = absl::ascii_islower(lower) || absl::ascii_isdigit(lower);
    if (keep) {
      result += lower;
    } else if (!result.empty() && result.back() != '-') {
      result += '-';
    }
  }
  while (absl::EndsWith(result, "-")) result.pop_back();
  return result;
}

std::string Sha256Hex(absl::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(digest), sizeof(digest)});
}

std::vector<std::string> Candidates(absl::string_view prefix,
                                    absl::string_view cluster,
                                    absl::string_view name) {
  std::vector<std::string> names;
  std::string plain = absl::StrCat(prefix, name);
  if (IsLegal(plain) && IsLegal(name)) names.push_back(plain);
  // A NUL cannot be part of either name, so the pair is unambiguous.
  std::string hash =
      Sha256Hex(absl::StrCat(cluster, absl::string_view("\0", 1), name));
  std::string readable = Sanitised(name);
  std::string stem =
      absl::StrCat(prefix, readable, readable.empty() ? "" : "-");
  names.push_back(absl::StrCat(stem, hash.substr(0, 8)));
  names.push_back(absl::StrCat(stem, hash.substr(0, 32)));
  return names;
}

}  // namespace

std::vector<std::string> SecretNames(absl::string_view cluster,
                                     absl::string_view role) {
  return Candidates(absl::StrCat("cnpg-", cluster, "-user-"), cluster, role);
}

std::vector<std::string> ObjectNames(absl::string_view cluster,
                                     absl::string_view name) {
  return Candidates(absl::StrCat(cluster, "-"), cluster, name);
}

std::string Digest(absl::string_view text) {
  return Sha256Hex(text).substr(0, 32);
}

bool IsReservedRole(absl::string_view role) {
  return role == "postgres" || role == "streaming_replica" ||
         absl::StartsWith(role, "pg_") || absl::StartsWith(role, "cnpg_");
}

bool IsReservedDatabase(absl::string_view database) {
  return database == "postgres" || database == "template0" ||
         database == "template1";
}

}  // namespace howdah::cnpg

// Stands for a token where the token itself must not be kept.
//
//   by_digest_[TokenDigest(token)]
#ifndef HOWDAH_BACKEND_AUTH_TOKEN_DIGEST_H_
#define HOWDAH_BACKEND_AUTH_TOKEN_DIGEST_H_

#include <openssl/sha.h>

#include <string>

#include "absl/strings/string_view.h"

namespace howdah::auth {

inline std::string TokenDigest(absl::string_view token) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_TOKEN_DIGEST_H_

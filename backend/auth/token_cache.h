// Callers whose tokens have been verified, found by a digest of the token.
//
//   if (auto known = cache.Find(token, keys_number, now)) return *known;
//   cache.Keep(token, keys_number, principal);
//
// An entry is good for as long as the token, and only while the issuer's keys
// are those that it was verified with: a key that is withdrawn takes its tokens
// with it.
#ifndef HOWDAH_BACKEND_AUTH_TOKEN_CACHE_H_
#define HOWDAH_BACKEND_AUTH_TOKEN_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/auth/principal.h"

namespace howdah::auth {

// Threads: safe. Owns: digests and principals, never a token.
// Limits: at the limit the entry unused for longest goes.
class TokenCache {
 public:
  explicit TokenCache(size_t most) : most_(most) {}

  std::optional<Principal> Find(absl::string_view token, uint64_t keys_number,
                                absl::Time now);
  // Whether it was verified once, perhaps with other keys, and has not expired.
  bool WasGood(absl::string_view token, absl::Time now);
  void Keep(absl::string_view token, uint64_t keys_number,
            const Principal& principal);
  void Forget(absl::string_view token);

 private:
  struct Entry {
    std::string digest;
    uint64_t keys_number;
    Principal principal;
  };

  const size_t most_;
  std::mutex mutex_;
  // Most recently used first.
  std::list<Entry> entries_;
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> by_digest_;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_TOKEN_CACHE_H_

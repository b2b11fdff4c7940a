#include "backend/auth/token_cache.h"

#include <utility>

#include "backend/auth/token_digest.h"

namespace howdah::auth {
std::optional<Principal> TokenCache::Find(absl::string_view token,
                                          uint64_t keys_number,
                                          absl::Time now) {
  const std::string digest = TokenDigest(token);
  std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return std::nullopt;
  const auto entry = found->second;
  if (now >= entry->principal.expires) {
    entries_.erase(entry);
    by_digest_.erase(found);
    return std::nullopt;
  }
  if (entry->keys_number != keys_number) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->principal;
}

bool TokenCache::WasGood(absl::string_view token, absl::Time now) {
  std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(TokenDigest(token));
  return found != by_digest_.end() && now < found->second->principal.expires;
}

void TokenCache::Forget(absl::string_view token) {
  std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(TokenDigest(token));
  if (found == by_digest_.end()) return;
  entries_.erase(found->second);
  by_digest_.erase(found);
}

void TokenCache::Keep(absl::string_view token, uint64_t keys_number,
                      const Principal& principal) {
  std::string digest = TokenDigest(token);
  std::lock_guard lock(mutex_);
  if (const auto found = by_digest_.find(digest); found != by_digest_.end()) {
    entries_.erase(found->second);
    by_digest_.erase(found);
  }
  if (entries_.size() >= most_ && !entries_.empty()) {
    by_digest_.erase(entries_.back().digest);
    entries_.pop_back();
  }
  entries_.push_front({digest, keys_number, principal});
  by_digest_[std::move(digest)] = entries_.begin();
}

}  // namespace howdah::auth

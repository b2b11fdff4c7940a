#include "adapter/mcp/judged_tokens.h"

#include <openssl/sha.h>

#include <utility>

namespace howdah::mcp {

std::string TokenDigest(absl::string_view token) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

const JudgedTokens::Entry* JudgedTokens::EntryOf(
    absl::string_view token) const {
  const auto found = by_digest_.find(TokenDigest(token));
  return found == by_digest_.end() ? nullptr : &*found->second;
}

const Verdict* JudgedTokens::Find(absl::string_view token,
                                  absl::Time now) const {
  const Entry* entry = EntryOf(token);
  return entry == nullptr || now >= entry->until ? nullptr : &entry->verdict;
}

bool JudgedTokens::WasGood(absl::string_view token, absl::Time now) const {
  const Entry* entry = EntryOf(token);
  return entry != nullptr && entry->verdict.kind == Verdict::Kind::kGood &&
         now < entry->verdict.expires;
}

void JudgedTokens::Keep(absl::string_view token, Verdict verdict,
                        absl::Time until) {
  Forget(token);
  if (entries_.size() >= most_ && !entries_.empty()) {
    by_digest_.erase(entries_.back().digest);
    entries_.pop_back();
  }
  entries_.push_front({TokenDigest(token), std::move(verdict), until});
  by_digest_[entries_.front().digest] = entries_.begin();
}

void JudgedTokens::Forget(absl::string_view token) {
  const auto found = by_digest_.find(TokenDigest(token));
  if (found == by_digest_.end()) return;
  entries_.erase(found->second);
  by_digest_.erase(found);
}

}  // namespace howdah::mcp

#include "adapter/mcp/admitted_tokens.h"

#include <openssl/sha.h>

#include <utility>

namespace howdah::mcp {
namespace {

std::string Digest(absl::string_view token) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace

std::shared_ptr<const Principal> AdmittedTokens::Find(absl::string_view token,
                                                      absl::Time now) const {
  const auto found = by_digest_.find(Digest(token));
  if (found == by_digest_.end() || now >= found->second->until) return nullptr;
  return found->second->principal;
}

void AdmittedTokens::Keep(absl::string_view token,
                          std::shared_ptr<const Principal> principal,
                          absl::Time until) {
  std::string digest = Digest(token);
  if (const auto found = by_digest_.find(digest); found != by_digest_.end()) {
    entries_.erase(found->second);
    by_digest_.erase(found);
  }
  if (entries_.size() >= most_ && !entries_.empty()) {
    by_digest_.erase(entries_.back().digest);
    entries_.pop_back();
  }
  entries_.push_front({digest, std::move(principal), until});
  by_digest_[std::move(digest)] = entries_.begin();
}

}  // namespace howdah::mcp

// Tokens that have been admitted, by digest, with their principals.
//
//   tokens.Keep(token, principal, until);
//   if (auto who = tokens.Find(token, now)) …
#ifndef HOWDAH_ADAPTER_MCP_ADMITTED_TOKENS_H_
#define HOWDAH_ADAPTER_MCP_ADMITTED_TOKENS_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/mcp/request_context.h"

namespace howdah::mcp {

// Threads: one. Owns: digests and principals, never a token.
// Limits: at the limit the oldest entry goes.
class AdmittedTokens {
 public:
  explicit AdmittedTokens(std::size_t most) : most_(most) {}

  // Null if it is not known, or no longer good.
  std::shared_ptr<const Principal> Find(absl::string_view token,
                                        absl::Time now) const;
  void Keep(absl::string_view token, std::shared_ptr<const Principal> principal,
            absl::Time until);

 private:
  struct Entry {
    std::string digest;
    std::shared_ptr<const Principal> principal;
    absl::Time until;
  };

  const std::size_t most_;
  // Newest first.
  std::list<Entry> entries_;
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> by_digest_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_ADMITTED_TOKENS_H_

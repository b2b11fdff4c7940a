// What was found out about tokens, by their digests.
//
//   tokens.Keep(token, verdict, /*until=*/now + absl::Seconds(60));
//   if (const Verdict* verdict = tokens.Find(token, now)) …
//   tokens.WasGood(token, now)  // also when it has to be asked about again
#ifndef HOWDAH_ADAPTER_MCP_JUDGED_TOKENS_H_
#define HOWDAH_ADAPTER_MCP_JUDGED_TOKENS_H_

#include <cstddef>
#include <list>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/mcp/token_verifier.h"

namespace howdah::mcp {

// Stands for a token where the token itself must not be kept.
std::string TokenDigest(absl::string_view token);

// Threads: one. Owns: digests and verdicts, never a token.
// Limits: at the limit the oldest entry goes.
class JudgedTokens {
 public:
  explicit JudgedTokens(std::size_t most) : most_(most) {}

  // Null if it is not known, or has to be asked about again. Valid until the
  // next Keep or Forget.
  const Verdict* Find(absl::string_view token, absl::Time now) const;
  // Whether it was found good once, and has not expired since.
  bool WasGood(absl::string_view token, absl::Time now) const;

  void Keep(absl::string_view token, Verdict verdict, absl::Time until);
  void Forget(absl::string_view token);

 private:
  struct Entry {
    std::string digest;
    Verdict verdict;
    absl::Time until;
  };

  const Entry* EntryOf(absl::string_view token) const;

  const std::size_t most_;
  // Newest first.
  std::list<Entry> entries_;
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> by_digest_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_JUDGED_TOKENS_H_

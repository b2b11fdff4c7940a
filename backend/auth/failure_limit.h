// How often tokens of one address may fail before nobody looks at their
// signatures any more: the rules of the adapter's admission door, for those who
// call over gRPC themselves.
//
//   if (auto refusal = limit.Refusal(peer, token)) return *refusal;
//   ASSIGN_OR_RETURN(auto trial, limit.Begin(peer, token, /*trusted=*/false));
//   …                                       // the signature is looked at
//   return limit.End(trial, outcome);
//
// A bad token that comes again is known and costs only itself. When those of an
// address have failed too often, further ones are refused unseen; one unknown
// token at a time is still looked at, and one that was good before always is.
// Callers on a Unix socket are not limited: one of them is the adapter, which
// limits its own callers by their addresses.
#ifndef HOWDAH_BACKEND_AUTH_FAILURE_LIMIT_H_
#define HOWDAH_BACKEND_AUTH_FAILURE_LIMIT_H_

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/net/clock.h"
#include "proto/support/rate_limiter.h"

namespace howdah::auth {

// The token is to blame, not that it could not be checked.
bool IsFailure(const absl::Status& outcome);

struct FailureLimitOptions {
  // Of each address for tokens that fail, and of each bad token.
  support::RateLimit rate = {.per_second = 100, .burst = 200};
  // A bad token is known to be so for this: its key may only be new.
  absl::Duration remember = absl::Seconds(5);
  size_t most_remembered = 4096;
};

// Threads: safe. Owns: digests of bad tokens, never a token. The clock must
// outlive it.
class FailureLimit {
 public:
  // A token that is being looked at.
  struct Trial {
    std::string digest;
    // Empty: whatever comes of it is not counted.
    std::string network;
    // The network has failed too often: nothing else of it is looked at
    // meanwhile.
    bool alone = false;
    // Others look at the same token.
    bool joined = false;
  };

  FailureLimit(FailureLimitOptions options, net::Clock& clock)
      : options_(options), clock_(clock), rate_(options.rate) {}

  // What to say without looking at the token; counts the token that comes
  // again, nothing else. `peer`: as gRPC writes addresses.
  std::optional<absl::Status> Refusal(const std::string& peer,
                                      absl::string_view token);

  // RESOURCE_EXHAUSTED with reason TOO_MANY_FAILURES. Each trial must end.
  // `trusted`: the token was good before.
  absl::StatusOr<Trial> Begin(const std::string& peer, absl::string_view token,
                              bool trusted);

  // Learns from the outcome, and returns what to say.
  absl::Status End(const Trial& trial, const absl::Status& outcome);

 private:
  struct Refused {
    absl::Status status;
    absl::Time until;
  };

  void Remember(const std::string& digest, const absl::Status& status,
                absl::Time now);

  const FailureLimitOptions options_;
  net::Clock& clock_;

  std::mutex mutex_;
  // All guarded by mutex_.
  support::RateLimiter rate_;
  absl::flat_hash_map<std::string, Refused> refused_;
  // The digests in refused_, the oldest first.
  std::deque<std::string> by_age_;
  absl::flat_hash_set<std::string> under_trial_;
  absl::flat_hash_set<std::string> alone_;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_FAILURE_LIMIT_H_

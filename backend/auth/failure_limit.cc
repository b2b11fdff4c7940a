#include "backend/auth/failure_limit.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "backend/auth/errors.h"
#include "backend/auth/token_digest.h"
#include "proto/support/network_of.h"

namespace howdah::auth {
namespace {

// Empty for those who are not limited. gRPC writes "unix:/path",
// "ipv4:192.0.2.1:4000" and "ipv6:%5B2001:db8::1%5D:4000".
std::string NetworkOfPeer(absl::string_view peer) {
  if (absl::StartsWith(peer, "unix")) return "";
  if (!absl::ConsumePrefix(&peer, "ipv4:")) {
    absl::ConsumePrefix(&peer, "ipv6:");
  }
  absl::string_view address = peer.substr(0, peer.rfind(':'));
  for (const absl::string_view bracket : {"[", "%5B"}) {
    absl::ConsumePrefix(&address, bracket);
  }
  // The interface of a link-local address counts as part of the end.
  address = address.substr(0, address.find_first_of("%]"));
  return support::NetworkOf(address);
}

std::string KeyOfToken(absl::string_view digest) {
  return absl::StrCat("again ", digest);
}

std::string KeyOfNetwork(absl::string_view network) {
  return absl::StrCat("token ", network);
}

}  // namespace

bool IsFailure(const absl::Status& outcome) {
  return outcome.code() == absl::StatusCode::kUnauthenticated ||
         outcome.code() == absl::StatusCode::kPermissionDenied;
}

std::optional<absl::Status> FailureLimit::Refusal(const std::string& peer,
                                                  absl::string_view token) {
  const std::string network = NetworkOfPeer(peer);
  if (network.empty()) return std::nullopt;
  const std::string digest = TokenDigest(token);
  const absl::Time now = clock_.Now();
  std::lock_guard lock(mutex_);
  const auto known = refused_.find(digest);
  if (known == refused_.end() || now >= known->second.until) {
    return std::nullopt;
  }
  const absl::Duration wait = rate_.Take(KeyOfToken(digest), now);
  if (wait > absl::ZeroDuration()) return TooManyFailures(wait);
  return known->second.status;
}

absl::StatusOr<FailureLimit::Trial> FailureLimit::Begin(const std::string& peer,
                                                        absl::string_view token,
                                                        bool trusted) {
  Trial trial;
  if (trusted) return trial;
  trial.network = NetworkOfPeer(peer);
  if (trial.network.empty()) return trial;
  trial.digest = TokenDigest(token);
  const absl::Time now = clock_.Now();
  std::lock_guard lock(mutex_);
  // Many first calls at once with one token are one failure, if it is bad.
  trial.joined = under_trial_.contains(trial.digest);
  if (trial.joined) return trial;
  // Counts as a failure until it is none.
  const absl::Duration wait = rate_.Take(KeyOfNetwork(trial.network), now);
  trial.alone = wait > absl::ZeroDuration();
  if (trial.alone && !alone_.insert(trial.network).second) {
    return TooManyFailures(wait);
  }
  under_trial_.insert(trial.digest);
  return trial;
}

absl::Status FailureLimit::End(const Trial& trial,
                               const absl::Status& outcome) {
  if (trial.network.empty() || trial.joined) return outcome;
  const absl::Time now = clock_.Now();
  std::lock_guard lock(mutex_);
  under_trial_.erase(trial.digest);
  if (trial.alone) alone_.erase(trial.network);
  if (!IsFailure(outcome)) {
    if (!trial.alone) rate_.GiveBack(KeyOfNetwork(trial.network));
    return outcome;
  }
  Remember(trial.digest, outcome, now);
  return trial.alone ? TooManyFailures(absl::Seconds(1)) : outcome;
}

void FailureLimit::Remember(const std::string& digest,
                            const absl::Status& status, absl::Time now) {
  while (!by_age_.empty() &&
         (by_age_.size() >= std::max<size_t>(options_.most_remembered, 1) ||
          now >= refused_.at(by_age_.front()).until)) {
    refused_.erase(by_age_.front());
    by_age_.pop_front();
  }
  const Refused refused = {status, now + options_.remember};
  if (refused_.insert_or_assign(digest, refused).second) {
    by_age_.push_back(digest);
  }
}

}  // namespace howdah::auth

// A value that comes from elsewhere, is kept for a while, and is fetched again
// before it is too old: an issuer's keys, its metadata.
//
//   Refreshed<KeySet> keys({.keep = absl::Minutes(5)}, clock, fetch);
//   if (auto now = keys.Current()) Use(*now->value);
//   keys.Refresh([](auto result) { … });   // it lacks something: ask again
//
// Contract. Whoever reads never waits. What is older than `keep` is fetched
// again in the background while it goes on being used; what is older than
// `keep_in_outage` is not used any more. Fetches never run side by side, and
// none begins within `pause` of the one before, whatever callers ask for: so a
// flood of strange tokens is no flood for the issuer.
#ifndef HOWDAH_BACKEND_AUTH_REFRESHED_H_
#define HOWDAH_BACKEND_AUTH_REFRESHED_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/net/clock.h"

namespace howdah::auth {

struct RefreshOptions {
  absl::Duration keep = absl::Minutes(5);
  absl::Duration keep_in_outage = absl::Hours(1);
  absl::Duration pause = absl::Seconds(10);
  // Most callers that wait for a fetch; more are refused at once.
  size_t most_waiting = 1024;
};

// Threads: safe. Owns: one thread, begun at the first fetch. Limits: callbacks
// run on it or on the caller's; they must not block. The destructor ends a
// fetch under way and answers all who wait.
template <typename T>
class Refreshed {
 public:
  struct Version {
    std::shared_ptr<const T> value;
    absl::Time fetched;
    // Grows when the value has changed, not when it was fetched again.
    uint64_t number = 0;
  };
  using Fetch = std::function<absl::StatusOr<T>(std::stop_token)>;
  using Done = std::function<void(absl::StatusOr<Version>)>;

  Refreshed(RefreshOptions options, net::Clock& clock, Fetch fetch)
      : options_(options), clock_(clock), fetch_(std::move(fetch)) {}

  ~Refreshed() {
    thread_ = {};  // Stops and joins.
    AnswerAll(absl::CancelledError("The server ends."));
  }

  // Nothing (value is null) if it was never fetched, or is too old.
  Version Current() {
    const absl::Time now = clock_.Now();
    std::lock_guard lock(mutex_);
    if (version_.value == nullptr) return {};
    if (now - version_.fetched >= options_.keep && MayFetch(now)) Begin();
    return now - version_.fetched < options_.keep_in_outage ? version_
                                                            : Version();
  }

  // Answers after a fetch that is under way or begins now; at once, with what
  // is known, if none may begin yet.
  void Refresh(Done done) {
    const absl::Time now = clock_.Now();
    std::unique_lock lock(mutex_);
    if (waiting_.size() >= options_.most_waiting) {
      lock.unlock();
      return done(absl::ResourceExhaustedError("Too many calls wait for it."));
    }
    if (wanted_ || MayFetch(now)) {
      waiting_.push_back(std::move(done));
      return Begin();
    }
    const absl::StatusOr<Version> known = Known(now);
    lock.unlock();
    done(known);
  }

 private:
  bool MayFetch(absl::Time now) const {
    return !wanted_ && now - last_try_ >= options_.pause;
  }

  void Begin() {
    wanted_ = true;
    if (!thread_.joinable()) {
      thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
    }
    wake_.notify_one();
  }

  absl::StatusOr<Version> Known(absl::Time now) const {
    if (version_.value != nullptr &&
        now - version_.fetched < options_.keep_in_outage) {
      return version_;
    }
    return last_error_;
  }

  void Run(std::stop_token stop) {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, stop, [this] { return wanted_; });
        if (stop.stop_requested()) return;
      }
      absl::StatusOr<T> fetched = fetch_(stop);
      if (stop.stop_requested()) return;
      AnswerAll(Take(std::move(fetched)));
    }
  }

  absl::StatusOr<Version> Take(absl::StatusOr<T> fetched) {
    const absl::Time now = clock_.Now();
    std::lock_guard lock(mutex_);
    last_try_ = now;
    if (!fetched.ok()) {
      last_error_ = fetched.status();
      return Known(now);
    }
    version_.fetched = now;
    if (version_.value == nullptr || !(*version_.value == *fetched)) {
      version_.value = std::make_shared<const T>(*std::move(fetched));
      ++version_.number;
    }
    return version_;
  }

  void AnswerAll(const absl::StatusOr<Version>& result) {
    std::vector<Done> waiting;
    {
      std::lock_guard lock(mutex_);
      wanted_ = false;
      waiting.swap(waiting_);
    }
    for (const Done& done : waiting) done(result);
  }

  const RefreshOptions options_;
  net::Clock& clock_;
  const Fetch fetch_;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  // Guarded by mutex_.
  Version version_;
  absl::Time last_try_ = absl::InfinitePast();
  absl::Status last_error_ = absl::UnavailableError("It was never asked.");
  bool wanted_ = false;
  std::vector<Done> waiting_;

  std::jthread thread_;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_REFRESHED_H_

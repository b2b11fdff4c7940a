// What was read from upstream, for a short while: one reader asks, all others
// who want the same wait for its answer (single flight).
//
//   ReadCache<Metrics> cache({.keep = absl::Seconds(30)}, clock);
//   ASSIGN_OR_RETURN(Fresh<Metrics> metrics,
//                    cache.Get("demo/pg-1/hour", want, [&] { return Ask(); }));
//   metrics.value; metrics.read_at;
//
// Contract. An error is for those who wait now and is not kept. When the reader
// is cancelled, or its own deadline ends, one of those who wait reads in its
// place. A caller that wants it anew gets what was begun to be read after it
// came, or an answer that was under way when it came.
#ifndef HOWDAH_BACKEND_AIVEN_CLIENT_READ_CACHE_H_
#define HOWDAH_BACKEND_AIVEN_CLIENT_READ_CACHE_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/aiven/account.h"
#include "backend/aiven/errors.h"
#include "backend/net/clock.h"

namespace howdah::aiven {

struct Want {
  ReadOptions options;
  // What was read with another token is not used.
  uint64_t token_generation = 0;
};

struct ReadCacheOptions {
  absl::Duration keep = absl::Seconds(15);
  size_t most_entries = 1024;
};

// Threads: safe. Owns: what it keeps. Limits: `read` runs on the thread of one
// of the callers.
template <typename T>
class ReadCache {
 public:
  ReadCache(ReadCacheOptions options, net::Clock& clock)
      : options_(options), clock_(clock) {}

  // What is kept and may be used; never waits.
  std::optional<Fresh<T>> Peek(const std::string& key, const Want& want) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (want.options.refresh || found == entries_.end() ||
        !Holds(*found->second, want)) {
      return std::nullopt;
    }
    return found->second->kept;
  }

  absl::StatusOr<Fresh<T>> Get(const std::string& key, const Want& want,
                               absl::FunctionRef<absl::StatusOr<T>()> read) {
    std::unique_lock lock(mutex_);
    const std::shared_ptr<Entry> entry = Find(key);
    if (!want.options.refresh && Holds(*entry, want)) return *entry->kept;
    while (true) {
      if (!entry->flying) return Read(*entry, want, read, lock);
      const uint64_t flight = entry->flight;
      if (!Wait(*entry, flight, want.options, lock)) {
        return want.options.cancelled.stop_requested() ? Cancelled()
                                                       : WaitedTooLong();
      }
      if (entry->error.ok() && Matches(*entry, want)) return *entry->kept;
      if (!entry->error.ok() && !IsOfItsReaderOnly(entry->error)) {
        return entry->error;
      }
    }
  }

 private:
  struct Entry {
    std::optional<Fresh<T>> kept;
    uint64_t token_generation = 0;
    bool flying = false;
    // Number of the flight that is under way or was the last.
    uint64_t flight = 0;
    // Of the last flight.
    absl::Status error;
    std::condition_variable_any landed;
    typename std::list<std::string>::iterator place;
  };

  // The entry moves to the end of the order, whose begin goes first.
  std::shared_ptr<Entry> Find(const std::string& key) {
    auto [found, added] = entries_.try_emplace(key);
    if (added) {
      found->second = std::make_shared<Entry>();
    } else {
      order_.erase(found->second->place);
    }
    found->second->place = order_.insert(order_.end(), key);
    std::shared_ptr<Entry> entry = found->second;
    if (entries_.size() > options_.most_entries) {
      entries_.erase(order_.front());
      order_.pop_front();
    }
    return entry;
  }

  static bool Matches(const Entry& entry, const Want& want) {
    return entry.kept.has_value() &&
           entry.token_generation == want.token_generation;
  }

  bool Holds(const Entry& entry, const Want& want) {
    return Matches(entry, want) &&
           clock_.Now() - entry.kept->read_at < options_.keep;
  }

  static bool IsOfItsReaderOnly(const absl::Status& error) {
    return absl::IsCancelled(error) || absl::IsDeadlineExceeded(error) ||
           absl::IsResourceExhausted(error);
  }

  absl::StatusOr<Fresh<T>> Read(Entry& entry, const Want& want,
                                absl::FunctionRef<absl::StatusOr<T>()> read,
                                std::unique_lock<std::mutex>& lock) {
    entry.flying = true;
    ++entry.flight;
    lock.unlock();
    const absl::Time begun = clock_.Now();
    absl::StatusOr<T> result = read();
    lock.lock();
    entry.flying = false;
    entry.error = result.status();
    if (result.ok()) {
      entry.kept =
          Fresh<T>{std::make_shared<const T>(*std::move(result)), begun};
      entry.token_generation = want.token_generation;
    }
    entry.landed.notify_all();
    if (!entry.error.ok()) return entry.error;
    return *entry.kept;
  }

  // False if the caller waits no longer.
  bool Wait(Entry& entry, uint64_t flight, const ReadOptions& limits,
            std::unique_lock<std::mutex>& lock) {
    const auto landed = [&] { return !entry.flying || entry.flight != flight; };
    if (limits.deadline == absl::InfiniteFuture()) {
      return entry.landed.wait(lock, limits.cancelled, landed);
    }
    return entry.landed.wait_until(lock, limits.cancelled,
                                   absl::ToChronoTime(limits.deadline), landed);
  }

  const ReadCacheOptions options_;
  net::Clock& clock_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries_;
  std::list<std::string> order_;
};

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_CLIENT_READ_CACHE_H_

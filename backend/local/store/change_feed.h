// Hands every change to every subscriber, in order, on one thread of its own,
// so that a write never waits for a reader and no lock of a subscriber is ever
// taken inside a write.
//
//   int64_t id = feed.Add(version, {}, [](const Change& change) { ... });
//   feed.Publish(change);
//   feed.Remove(id);
#ifndef HOWDAH_BACKEND_LOCAL_STORE_CHANGE_FEED_H_
#define HOWDAH_BACKEND_LOCAL_STORE_CHANGE_FEED_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "backend/local/object_store.h"

namespace howdah::local {

// Threads: safe; callbacks run on the feed's thread. Owns: that thread.
// Limits: the queue is not bounded; callbacks must be quick.
class ChangeFeed {
 public:
  using Callback = std::function<void(const Change&)>;

  ChangeFeed();
  ~ChangeFeed();

  // Delivers `backlog` first, then what is published with a version greater
  // than `after`.
  int64_t Add(uint64_t after, std::vector<Change> backlog, Callback callback);
  // Returns when the callback runs no more. Must not be called by a callback.
  void Remove(int64_t id);

  // Calls of Publish are in the order of versions.
  void Publish(std::shared_ptr<const Change> change);

 private:
  struct Subscription {
    uint64_t after;
    std::vector<Change> backlog;
    Callback callback;
  };

  void Run();

  std::mutex queue_mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<const Change>> queue_;
  bool backlog_waits_ = false;
  bool stopping_ = false;

  // Held while callbacks run; taken before queue_mutex_.
  std::mutex subscriptions_mutex_;
  std::map<int64_t, Subscription> subscriptions_;
  int64_t last_id_ = 0;

  std::thread thread_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_STORE_CHANGE_FEED_H_

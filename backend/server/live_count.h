// Counts objects that are alive, so that the end can wait for the last of them.
//
//   LiveCount calls;
//   struct Call { LiveCount::Member alive; };  //
//   Call{LiveCount::Member(calls)} calls.WaitForNone();
#ifndef HOWDAH_BACKEND_SERVER_LIVE_COUNT_H_
#define HOWDAH_BACKEND_SERVER_LIVE_COUNT_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace howdah::server {

// Threads: safe.
class LiveCount {
 public:
  // Counts its owner. Make it the owner's first member: it goes last.
  class Member {
   public:
    explicit Member(LiveCount& count) : count_(count) { count_.Add(1); }
    ~Member() { count_.Add(-1); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

   private:
    LiveCount& count_;
  };

  void WaitForNone() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return alive_ == 0; });
  }

 private:
  void Add(int change) {
    // Told under the mutex: whoever waits may destroy the count right after.
    std::lock_guard lock(mutex_);
    alive_ += change;
    if (alive_ == 0) none_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable none_;
  int alive_ = 0;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_LIVE_COUNT_H_

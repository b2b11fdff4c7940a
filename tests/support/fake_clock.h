// A clock that only moves when somebody sleeps or the test moves it.
//
//   FakeClock clock;
//   clock.Advance(absl::Minutes(2));
//   EXPECT_THAT(clock.slept(), ElementsAre(absl::Seconds(1)));
#ifndef HOWDAH_TESTS_SUPPORT_FAKE_CLOCK_H_
#define HOWDAH_TESTS_SUPPORT_FAKE_CLOCK_H_

#include <algorithm>
#include <mutex>
#include <stop_token>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "backend/net/clock.h"

namespace howdah::testing {

// Threads: safe. Limits: begins at the real time, since libcurl keeps deadlines
// by that.
class FakeClock final : public net::Clock {
 public:
  absl::Time Now() override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  bool SleepUntil(absl::Time until, std::stop_token stopped) override {
    const std::lock_guard lock(mutex_);
    slept_.push_back(until - now_);
    now_ = std::max(now_, until);
    return !stopped.stop_requested();
  }
  void Advance(absl::Duration by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
  }
  std::vector<absl::Duration> slept() const {
    const std::lock_guard lock(mutex_);
    return slept_;
  }

 private:
  mutable std::mutex mutex_;
  absl::Time now_ = absl::Now();
  std::vector<absl::Duration> slept_;
};

}  // namespace howdah::testing

#endif  // HOWDAH_TESTS_SUPPORT_FAKE_CLOCK_H_

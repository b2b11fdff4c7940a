#include "backend/net/clock.h"

#include <condition_variable>
#include <mutex>

#include "absl/time/clock.h"

namespace howdah::net {
namespace {

class MachineClock final : public Clock {
 public:
  absl::Time Now() override { return absl::Now(); }

  bool SleepUntil(absl::Time until, std::stop_token stopped) override {
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock(mutex);
    // Monotonic, so that a step of the wall clock does not stretch the sleep.
    woken.wait_for(lock, stopped,
                   absl::ToChronoNanoseconds(until - absl::Now()),
                   [] { return false; });
    return !stopped.stop_requested();
  }
};

}  // namespace

Clock& SystemClock() {
  static MachineClock* const kClock = new MachineClock;
  return *kClock;
}

}  // namespace howdah::net

#include "adapter/server/run_loop.h"

#include <sched.h>

#include <chrono>

#include "boost/asio/io_context.hpp"

namespace howdah::adapter {
namespace {

constexpr auto kAwake = std::chrono::microseconds(100);

}  // namespace

void RunLoop(boost::asio::io_context& io) {
  using Clock = std::chrono::steady_clock;
  while (io.run_one() > 0) {
    Clock::time_point sleep_at = Clock::now() + kAwake;
    while (Clock::now() < sleep_at) {
      if (io.poll() > 0) {
        sleep_at = Clock::now() + kAwake;
      } else {
        sched_yield();
      }
      if (io.stopped()) return;
    }
  }
}

}  // namespace howdah::adapter

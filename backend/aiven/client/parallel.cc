#include "backend/aiven/client/parallel.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace howdah::aiven {

void InParallel(size_t count, size_t most,
                absl::FunctionRef<void(size_t)> piece) {
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) piece(i);
  };
  std::vector<std::jthread> helpers;
  try {
    while (helpers.size() + 1 < std::min(count, most)) {
      helpers.emplace_back(work);
    }
  } catch (const std::system_error&) {
    // No more threads to be had; those that there are do it all.
  }
  work();
}

}  // namespace howdah::aiven

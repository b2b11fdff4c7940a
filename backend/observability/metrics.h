// Counts of calls by method and status code, with their time, in memory.
//
//   CallMetrics metrics(methods.size());
//   metrics.Count(index, absl::StatusCode::kOk, absl::Microseconds(12));
#ifndef HOWDAH_BACKEND_OBSERVABILITY_METRICS_H_
#define HOWDAH_BACKEND_OBSERVABILITY_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace howdah::observability {

// Threads: safe, without locks. Limits: counts since the start, not kept.
class CallMetrics {
 public:
  // Status codes are 0 to 16.
  static constexpr size_t kCodes = 17;

  explicit CallMetrics(size_t methods);

  void Count(size_t method, absl::StatusCode code, absl::Duration duration);

  // Calls of a method that ended with a code.
  uint64_t calls(size_t method, absl::StatusCode code) const;
  // Time that all calls of a method took together.
  absl::Duration total_time(size_t method) const;

 private:
  struct PerMethod {
    std::array<std::atomic<uint64_t>, kCodes> calls = {};
    std::atomic<int64_t> nanoseconds = 0;
  };

  const std::unique_ptr<PerMethod[]> methods_;
};

}  // namespace howdah::observability

#endif  // HOWDAH_BACKEND_OBSERVABILITY_METRICS_H_

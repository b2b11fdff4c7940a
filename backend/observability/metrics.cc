#include "backend/observability/metrics.h"

namespace howdah::observability {
namespace {

size_t Slot(absl::StatusCode code) {
  const auto slot = static_cast<size_t>(code);
  return slot < CallMetrics::kCodes
             ? slot
             : static_cast<size_t>(absl::StatusCode::kUnknown);
}

}  // namespace

CallMetrics::CallMetrics(size_t methods)
    : methods_(std::make_unique<PerMethod[]>(methods)) {}

void CallMetrics::Count(size_t method, absl::StatusCode code,
                        absl::Duration duration) {
  PerMethod& counts = methods_[method];
  counts.calls[Slot(code)].fetch_add(1, std::memory_order_relaxed);
  counts.nanoseconds.fetch_add(absl::ToInt64Nanoseconds(duration),
                               std::memory_order_relaxed);
}

uint64_t CallMetrics::calls(size_t method, absl::StatusCode code) const {
  return methods_[method].calls[Slot(code)].load(std::memory_order_relaxed);
}

absl::Duration CallMetrics::total_time(size_t method) const {
  return absl::Nanoseconds(
      methods_[method].nanoseconds.load(std::memory_order_relaxed));
}

}  // namespace howdah::observability

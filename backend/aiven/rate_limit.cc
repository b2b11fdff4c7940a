#include "backend/aiven/rate_limit.h"

#include <algorithm>

#include "re2/re2.h"

namespace howdah::aiven {
namespace {

constexpr int kLargestLimit = 100000;
constexpr int kLongestWaitSeconds = 3600;

}  // namespace

Refusal ReadRefusal(absl::string_view text) {
  static const RE2* const kLimit = new RE2(R"((?i)rate limit (\d{1,6}))");
  static const RE2* const kWait = new RE2(R"((?i)try again in (\d{1,6}) ?s)");
  const re2::StringPiece piece(text.data(), text.size());
  Refusal refusal;
  int number = 0;
  if (RE2::PartialMatch(piece, *kLimit, &number) && number > 0) {
    refusal.limit = std::min(number, kLargestLimit);
  }
  if (RE2::PartialMatch(piece, *kWait, &number)) {
    refusal.wait = absl::Seconds(std::min(number, kLongestWaitSeconds));
  }
  return refusal;
}

absl::Time RateLimit::NextSlot(absl::Time now) {
  while (!taken_.empty() && taken_.front() + options_.window <= now) {
    taken_.pop_front();
  }
  absl::Time slot = std::max(now, paused_until_);
  const auto calls = static_cast<size_t>(options_.calls);
  if (taken_.size() >= calls) {
    slot = std::max(slot, taken_[taken_.size() - calls] + options_.window);
  }
  if (slot < paced_until_ && !taken_.empty()) {
    slot = std::max(slot, taken_.back() + options_.window / options_.calls);
  }
  return slot;
}

void RateLimit::Take(absl::Time now) { taken_.push_back(now); }

void RateLimit::Refused(absl::Time now, const Refusal& refusal) {
  if (refusal.limit) options_.calls = *refusal.limit;
  const absl::Duration wait = refusal.wait.value_or(options_.pause);
  paused_until_ = std::max(paused_until_, now + wait);
  paced_until_ = paused_until_ + options_.window;
}

}  // namespace howdah::aiven

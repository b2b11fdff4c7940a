// Which failures of Aiven's API pass by themselves, and when to ask again. All
// requests of this project read, so asking twice does no harm.
//
//   const auto pause = PauseBeforeRetry(failure, 0.7);
//   if (!pause) return error;
#ifndef HOWDAH_BACKEND_AIVEN_RETRY_POLICY_H_
#define HOWDAH_BACKEND_AIVEN_RETRY_POLICY_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::aiven {

struct Failure {
  // Tries so far, this one included.
  int tries = 1;
  absl::string_view method = "GET";
  // 0: there was no whole answer.
  int status = 0;
  // What the body says.
  absl::string_view message = {};
  // What Retry-After or the text says.
  std::optional<absl::Duration> told = {};
};

inline constexpr int kMostTries = 7;

// Nothing: the failure stays. `random` is from [0, 1) and spreads the pauses.
std::optional<absl::Duration> PauseBeforeRetry(const Failure& failure,
                                               double random);

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_RETRY_POLICY_H_

#include "backend/aiven/retry_policy.h"

#include <algorithm>

#include "re2/re2.h"

namespace howdah::aiven {
namespace {

constexpr absl::Duration kShortest = absl::Seconds(2);
constexpr absl::Duration kLongest = absl::Seconds(15);
// The first retry comes sooner: most failures are torn connections.
constexpr absl::Duration kFirst = absl::Milliseconds(250);

constexpr int kNotFound = 404;
constexpr int kTimeout = 408;
constexpr int kExpectationFailed = 417;
constexpr int kTooManyRequests = 429;
constexpr int kServerError = 500;
constexpr int kNotImplemented = 501;

bool Passes(const Failure& failure) {
  // What was just made is not known everywhere at once; what was misspelt never
  // will be.
  static const RE2* const kNewService =
      new RE2(R"(Service \S+ does not exist)");
  static const RE2* const kNewUser =
      new RE2(R"(User (avnadmin|root) with component main not found)");
  const re2::StringPiece message(failure.message.data(),
                                 failure.message.size());
  switch (failure.status) {
    case 0:
    case kTimeout:
    case kTooManyRequests:
      return true;
    case kNotFound:
      return failure.tries == 1 &&
             ((failure.method == "POST" &&
               RE2::PartialMatch(message, *kNewService)) ||
              RE2::PartialMatch(message, *kNewUser));
    case kExpectationFailed:
      return failure.method == "DELETE";
    case kNotImplemented:
      return RE2::PartialMatch(message, "Failed to fetch Kafka topic");
    default:
      return failure.status >= kServerError;
  }
}

}  // namespace

std::optional<absl::Duration> PauseBeforeRetry(const Failure& failure,
                                               double random) {
  if (failure.tries >= kMostTries || !Passes(failure)) return std::nullopt;
  absl::Duration pause = failure.tries == 1 ? kFirst : kShortest;
  for (int i = 2; i < failure.tries; ++i) pause *= 2;
  constexpr double kJitter = 0.5;
  pause = std::min(pause, kLongest) * (1 - kJitter * random);
  return std::max(pause, failure.told.value_or(absl::ZeroDuration()));
}

}  // namespace howdah::aiven

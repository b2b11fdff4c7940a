#include "backend/net/backoff.h"

#include <random>

namespace howdah::net {

double RandomUnit() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace howdah::net

// Honest health of a cluster, judged from everything that is observed.
//
//   HealthReport report = Assess(cluster);
//   report.summary  // "Cluster default/demo is healthy: 3 of 3 instances ..."
//
// The operator's phase is not health: "Cluster in healthy state" stays set for
// a hibernated cluster, for one whose WAL archiving fails and for one with
// broken replicas; and since the status has no observedGeneration, it also
// stays set for a while after the specification has changed. So the phase is
// only one witness; an unknown phase is never taken as healthy.
#ifndef HOWDAH_BACKEND_CNPG_HEALTH_H_
#define HOWDAH_BACKEND_CNPG_HEALTH_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "backend/cnpg/cluster.h"

namespace howdah::cnpg {

enum class Health {
  kHealthy,
  kProgressing,
  kDegraded,
  kUnhealthy,
  kHibernated,
  kDeleting,
};

// For messages: "healthy", "progressing", …
absl::string_view HealthWord(Health health);

// Something that is wrong, with what to do about it.
struct Problem {
  bool critical = false;
  // Stable UPPER_SNAKE_CASE.
  absl::string_view reason;
  std::string message;
  std::string advice;
};

struct HealthReport {
  Health health = Health::kUnhealthy;
  // Worst first.
  std::vector<Problem> problems;
  // One sentence.
  std::string summary;
};

HealthReport Assess(const Cluster& cluster);

// The instance that takes writes; empty if none does. The status goes on naming
// a failed primary as the current one until its successor has taken over.
absl::string_view WritingPrimary(const Cluster& cluster);

// The phase that the operator gives a settled cluster.
inline constexpr absl::string_view kHealthyPhase = "Cluster in healthy state";

// True if the operator says that it cannot go on by itself: waiting for the
// condition that a caller wants would be waiting for ever.
bool IsStuckPhase(absl::string_view phase);

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_HEALTH_H_

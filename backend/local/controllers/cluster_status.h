// The status of a Cluster as the operator writes it, from what was observed.
//
//   WriteStatus(object["status"], observation, now);
//
// Pure. Fields that other parts write (managedRolesStatus) are left alone.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_STATUS_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_STATUS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "backend/local/controllers/cluster_plan.h"
#include "backend/local/controllers/cluster_spec.h"
#include "backend/local/controllers/resources.h"

namespace howdah::local::controllers {

struct Observation {
  ClusterView view;
  Plan plan;
  std::string image;  // that runs, or is asked for
  int major = 0;      // 0: none
  std::string system_id;
};

void WriteStatus(const ClusterSpec& spec, const Observation& observation,
                 absl::Time now, Json& status);

// Adds or changes one condition; its time changes only with its value.
void SetCondition(Json& status, absl::string_view type, bool value,
                  absl::string_view reason, absl::string_view message,
                  absl::Time now);
void RemoveCondition(Json& status, absl::string_view type);
// Takes lastTransitionTime from `old` for conditions whose value is the same.
void KeepTransitionTimes(const Json& old, Json& status);

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_STATUS_H_

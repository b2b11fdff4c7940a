// What one look at a cluster knows: read first, planned on, written down last.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_ROUND_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_ROUND_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "backend/local/controllers/cluster_spec.h"
#include "backend/local/controllers/cluster_status.h"
#include "backend/local/controllers/instance_host.h"
#include "backend/local/postgres/errors.h"
#include "backend/local/postgres/installations.h"

namespace howdah::local::controllers {

struct ClusterRound {
  Json object;
  ClusterSpec spec;
  ClusterId id;
  absl::StatusOr<postgres::Installation> installation =
      postgres::PostgresNotInstalled();
  Observation seen;
  std::map<std::string, InstanceFacts> facts;  // by instance

  InstanceId Instance(const std::string& name) const { return {id, name}; }
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_ROUND_H_

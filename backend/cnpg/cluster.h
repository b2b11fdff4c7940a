// A CloudNativePG Cluster object as this project sees it: the fields that
// answers are made of, read from the JSON text of the object.
//
//   ASSIGN_OR_RETURN(Cluster cluster, ReadCluster(event.object));
//   if (cluster.ready_instances < cluster.instances) ...
//
// Reading happens for every watch event, so it takes one pass of simdjson over
// the text and keeps no JSON: a cluster of three instances is under 4 KB.
#ifndef HOWDAH_BACKEND_CNPG_CLUSTER_H_
#define HOWDAH_BACKEND_CNPG_CLUSTER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/cnpg/object_meta.h"
#include "backend/cnpg/roles.h"

namespace howdah::cnpg {

// An entry of status.conditions.
struct Condition {
  std::string type;
  std::string status;
  std::string reason;
  std::string message;
};

// One PostgreSQL server of the cluster, as the operator reports it.
struct InstanceState {
  std::string name;
  bool primary = false;
  // Key of status.instancesStatus: "healthy", "replicating" or "failed"; empty
  // when the operator does not report the instance in any of them.
  std::string state;
  int32_t timeline = 0;
};

// Threads: a value. Limits: unknown fields are dropped; never write it back.
struct Cluster {
  ObjectMeta meta;

  // From the specification.
  int32_t instances = 0;
  std::string image_name;
  std::string storage_size;
  std::string storage_class;
  // Database and owner made at bootstrap; empty where bootstrap is no initdb.
  std::string application_database;
  std::string application_owner;
  std::string application_secret;
  bool hibernation_wanted = false;
  bool reconciliation_disabled = false;
  // Fenced instances; "*" stands for all.
  std::vector<std::string> fenced;
  bool read_only_service_disabled = false;
  bool read_service_disabled = false;
  // Inline roles, with what the operator reports about each.
  std::vector<ManagedRole> roles;

  // From the status.
  std::string phase;
  std::string phase_reason;
  int32_t status_instances = 0;
  int32_t ready_instances = 0;
  std::string current_primary;
  std::string target_primary;
  // When the primary began to fail; empty if it does not.
  std::string primary_failing_since;
  std::string running_image;
  int32_t major_version = 0;
  std::vector<InstanceState> instance_states;
  std::vector<Condition> conditions;
  std::vector<std::string> unusable_volumes;
  std::vector<std::string> failed_tablespaces;
  std::string write_service;
  std::string read_service;
  absl::Time last_backup = absl::InfinitePast();
};

// INVALID_ARGUMENT for text that is no JSON object with a name.
absl::StatusOr<Cluster> ReadCluster(absl::string_view json);

// The condition of that type; null if there is none.
const Condition* FindCondition(const Cluster& cluster, absl::string_view type);

// PostgreSQL version as far as it can be told: from the tag of the running
// image, else from its major version, else from the wanted image; empty if
// unknown.
std::string PostgresVersion(const Cluster& cluster);

// Bytes that the object holds, for memory budgets.
size_t MemoryUse(const Cluster& cluster);

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_CLUSTER_H_

// The manifest of a new cluster, and manifests as YAML for dry runs.
//
//   nlohmann::json manifest = ClusterManifest({.namespace_name = "default",
//       .name = "demo", .instances = 3, .storage_size = "10Gi",
//       .postgres_version = "16"});
//   std::string yaml = ToYaml(manifest);
#ifndef HOWDAH_BACKEND_CNPG_CLUSTER_SPEC_H_
#define HOWDAH_BACKEND_CNPG_CLUSTER_SPEC_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "nlohmann/json_fwd.hpp"

namespace howdah::cnpg {

inline constexpr absl::string_view kApiVersion = "postgresql.cnpg.io/v1";
inline constexpr absl::string_view kImageRepository =
    "ghcr.io/cloudnative-pg/postgresql";

struct ClusterSpec {
  std::string namespace_name;
  std::string name;
  int32_t instances = 3;
  std::string storage_size;
  std::string postgres_version;
  // Empty for the default of the Kubernetes cluster.
  std::string storage_class;
  // Empty for none.
  std::string request_id;
  std::string request_digest;
};

nlohmann::json ClusterManifest(const ClusterSpec& spec);

// Adds the annotations that make a repeated call find the object.
void AnnotateRequest(nlohmann::json& object, absl::string_view request_id,
                     absl::string_view request_digest);

// Block-style YAML 1.2. A string that YAML would read as something else is
// quoted. Secret data must not be in it.
std::string ToYaml(const nlohmann::json& value);

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_CLUSTER_SPEC_H_

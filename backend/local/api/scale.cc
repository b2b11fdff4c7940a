#include "backend/local/api/scale.h"

#include <cstdint>
#include <string>

#include "backend/local/api/api_error.h"
#include "backend/local/api/go_types.h"
#include "backend/local/api/object_identity.h"
#include "backend/local/store/object_rules.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
Json ScaleOf(const Json& cluster) {
  const Json& metadata = cluster.at("metadata");
  Json scale = {
      {"kind", "Scale"},
      {"apiVersion", "autoscaling/v1"},
      {"metadata",
       {{"name", metadata.value("name", "")},
        {"namespace", metadata.value("namespace", "")},
        {"uid", metadata.value("uid", "")},
        {"resourceVersion", metadata.value("resourceVersion", "")},
        {"creationTimestamp", metadata.value("creationTimestamp", "")}}}};
  scale["spec"]["replicas"] =
      cluster.value(Json::json_pointer("/spec/instances"), 0);
  scale["status"]["replicas"] =
      cluster.value(Json::json_pointer("/status/instances"), 0);
  return scale;
}

absl::StatusOr<Json> Scaled(const Json& cluster, Json scale,
                            const ApiRequest& request,
                            const ResourcePath& path) {
  RETURN_IF_ERROR(
      Fits(Decode(ScaleType(), scale), request.method, "Scale", "v1"));
  RETURN_IF_ERROR(CheckIdentity(path, scale));
  Json next = cluster;
  const std::string version = TextAt(scale, "metadata", "resourceVersion");
  if (!version.empty()) next["metadata"]["resourceVersion"] = version;
  next["spec"]["instances"] =
      scale.value(Json::json_pointer("/spec/replicas"), int64_t{0});
  return next;
}

}  // namespace howdah::local

#include "backend/cnpg/meta_reader.h"

#include <optional>

#include "absl/status/status.h"

namespace howdah::cnpg {

absl::StatusOr<ObjectMeta> ReadMeta(json::Element root) {
  const std::optional<json::Element> metadata = json::Member(root, "metadata");
  const std::optional<json::Element> annotations =
      json::Member(metadata, "annotations");
  ObjectMeta meta;
  meta.namespace_name = json::Text(json::Member(metadata, "namespace"));
  meta.name = json::Text(json::Member(metadata, "name"));
  if (meta.name.empty()) {
    return absl::InvalidArgumentError("the object has no metadata.name");
  }
  meta.uid = json::Text(json::Member(metadata, "uid"));
  meta.resource_version = json::Text(json::Member(metadata, "resourceVersion"));
  meta.generation = json::Integer(json::Member(metadata, "generation"));
  meta.created = json::Timestamp(json::Member(metadata, "creationTimestamp"));
  meta.deleting =
      !json::Text(json::Member(metadata, "deletionTimestamp")).empty();
  meta.request_id = json::Text(json::Member(annotations, kRequestIdAnnotation));
  meta.request_digest =
      json::Text(json::Member(annotations, kRequestDigestAnnotation));
  return meta;
}

}  // namespace howdah::cnpg

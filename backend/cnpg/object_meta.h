// The part of metadata that every object of this project's interest shares, and
// the labels and annotations that this project puts on objects.
#ifndef HOWDAH_BACKEND_CNPG_OBJECT_META_H_
#define HOWDAH_BACKEND_CNPG_OBJECT_META_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::cnpg {

// Who manages an object. Only objects with this label are ever deleted or
// overwritten beside the one that a call names.
inline constexpr absl::string_view kManagedByLabel =
    "app.kubernetes.io/managed-by";
inline constexpr absl::string_view kManagedByValue = "howdah";
inline constexpr absl::string_view kClusterLabel = "cnpg.io/cluster";
// Makes the operator act on a changed Secret at once.
inline constexpr absl::string_view kReloadLabel = "cnpg.io/reload";
// Raw names, which labels cannot hold.
inline constexpr absl::string_view kRoleAnnotation = "howdah.dev/role";
inline constexpr absl::string_view kClusterUidAnnotation =
    "howdah.dev/cluster-uid";
// Idempotency key of the call that wrote the object, and a digest of the call's
// arguments, so that a repeated call is told from a reused key.
inline constexpr absl::string_view kRequestIdAnnotation =
    "howdah.dev/request-id";
inline constexpr absl::string_view kRequestDigestAnnotation =
    "howdah.dev/request-digest";

// Threads: a value.
struct ObjectMeta {
  std::string namespace_name;
  std::string name;
  std::string uid;
  std::string resource_version;
  int64_t generation = 0;
  absl::Time created = absl::InfinitePast();
  // The deletion is under way; finalizers may still hold the object.
  bool deleting = false;
  std::string request_id;
  std::string request_digest;
};

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_OBJECT_META_H_

// The three patch types that kube-apiserver knows and this server takes.
//
//   ASSIGN_OR_RETURN(Json next, ApplyPatch(PatchKind::kMerge, before, patch));
//
// A strategic merge patch follows the merge keys of the built-in types.
#ifndef HOWDAH_BACKEND_LOCAL_API_PATCH_H_
#define HOWDAH_BACKEND_LOCAL_API_PATCH_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local {

enum class PatchKind { kJson, kMerge, kStrategic };

// By Content-Type. UnsupportedMediaType (415) for server-side apply, and for
// strategic merge where the type is a custom resource.
absl::StatusOr<PatchKind> PatchKindOf(absl::string_view content_type,
                                      bool custom_resource);

// 422 if a `test` operation of a JSON patch fails or a path is missing; 400 if
// the patch is malformed.
absl::StatusOr<Json> ApplyPatch(PatchKind kind, const Json& before,
                                const Json& patch);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_PATCH_H_

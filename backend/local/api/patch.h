// The types of patches that kube-apiserver knows.
//
//   ASSIGN_OR_RETURN(Json next, ApplyPatch(PatchKind::kMerge, before, patch));
//
// A strategic merge patch follows the merge keys of the built-in types. What
// server-side apply does, stands in resource_apply.cc.
#ifndef HOWDAH_BACKEND_LOCAL_API_PATCH_H_
#define HOWDAH_BACKEND_LOCAL_API_PATCH_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local {

enum class PatchKind { kJson, kMerge, kStrategic, kApply };

// By Content-Type. UnsupportedMediaType (415) for strategic merge where the
// type is a custom resource.
absl::StatusOr<PatchKind> PatchKindOf(absl::string_view content_type,
                                      bool custom_resource);

// Not for kApply. 422 if a `test` operation of a JSON patch fails or a path is
// missing; 400 if the patch is malformed.
absl::StatusOr<Json> ApplyPatch(PatchKind kind, const Json& before,
                                const Json& patch);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_PATCH_H_

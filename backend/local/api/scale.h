// The subresource `scale`: a cluster as an autoscaling/v1 Scale.
//
//   return Respond(call, ScaleOf(cluster));
//   ASSIGN_OR_RETURN(Json next, Scaled(cluster, scale, request, path));
#ifndef HOWDAH_BACKEND_LOCAL_API_SCALE_H_
#define HOWDAH_BACKEND_LOCAL_API_SCALE_H_

#include "absl/status/statusor.h"
#include "backend/local/api/api_request.h"
#include "backend/local/object_store.h"

namespace howdah::local {

Json ScaleOf(const Json& cluster);

// The cluster with what the Scale asks for, which a client has sent or the
// patch of a client has made; 400 or 422 if that does not fit its type or is
// another object's.
absl::StatusOr<Json> Scaled(const Json& cluster, Json scale,
                            const ApiRequest& request,
                            const ResourcePath& path);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_SCALE_H_

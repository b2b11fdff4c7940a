// GET …/pods/{name}/log: the log file that the plane names on the Pod.
//
//   ASSIGN_OR_RETURN(ApiResponse response, ReadPodLog(pod, query));
//
// Limits: at most the last 10 MiB; `follow` is not served.
#ifndef HOWDAH_BACKEND_LOCAL_API_POD_LOG_H_
#define HOWDAH_BACKEND_LOCAL_API_POD_LOG_H_

#include "absl/status/statusor.h"
#include "backend/local/api/api_request.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// Annotations with this prefix are the plane's own; clients cannot change them
// on Pods.
inline constexpr char kPlanePrefix[] = "howdah.local/";

absl::StatusOr<ApiResponse> ReadPodLog(const Json& pod, const Query& query);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_POD_LOG_H_

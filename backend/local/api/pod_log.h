// GET …/pods/{name}/log: the log file that the plane names on the Pod.
//
//   ASSIGN_OR_RETURN(const LogRequest wanted, ParseLogRequest(query, name,
//   now)); ASSIGN_OR_RETURN(ApiResponse response, ReadPodLog(store, pod,
//   wanted));
#ifndef HOWDAH_BACKEND_LOCAL_API_POD_LOG_H_
#define HOWDAH_BACKEND_LOCAL_API_POD_LOG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/local/api/api_request.h"
#include "backend/local/api/log_reader.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// Annotations with this prefix are the plane's own; clients cannot change them
// on Pods.
inline constexpr char kPlanePrefix[] = "howdah.local/";

struct LogRequest {
  std::string container;
  bool previous = false;
  LogOptions options;
};

// As kube-apiserver checks it, before it looks for the Pod.
absl::StatusOr<LogRequest> ParseLogRequest(const Query& query,
                                           const std::string& name,
                                           absl::Time now);

// With `follow` the response is a stream, which ends when the Pod does. The
// store must outlive it.
absl::StatusOr<ApiResponse> ReadPodLog(ObjectStore& store, const Json& pod,
                                       const LogRequest& wanted);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_POD_LOG_H_

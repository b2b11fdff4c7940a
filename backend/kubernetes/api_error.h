// Errors of the Kubernetes plane, all in one place: what an HTTP answer, a
// Status object or a failed connection means to a caller of ControlPlane.
//
//   return ErrorOfResponse({"get", kClusters, {"default", "demo"}}, 404, body);
//   // NOT_FOUND, OBJECT_NOT_FOUND: clusters.postgresql.cnpg.io "default/demo"
//   // does not exist.
//
// HTTP, Status reason        code                 reason
// 400, 413                   INVALID_ARGUMENT     BAD_REQUEST
// 422 Invalid                INVALID_ARGUMENT     INVALID_OBJECT + fields
// 401                        UNAUTHENTICATED      UNAUTHENTICATED
// 403                        PERMISSION_DENIED    FORBIDDEN
// 403 exceeded quota         FAILED_PRECONDITION  QUOTA_EXCEEDED
// 404 of an object           NOT_FOUND            OBJECT_NOT_FOUND
// 404 of the namespace       NOT_FOUND            NAMESPACE_NOT_FOUND
// 404 of the type            FAILED_PRECONDITION  RESOURCE_TYPE_MISSING
// 405                        UNIMPLEMENTED        METHOD_NOT_SUPPORTED
// 406, 415                   INTERNAL             UPSTREAM_PROTOCOL
// 409 AlreadyExists          ALREADY_EXISTS       ALREADY_EXISTS
// 409                        ABORTED              CONFLICT
// 410                        OUT_OF_RANGE         VERSION_TOO_OLD
// 429                        RESOURCE_EXHAUSTED   TOO_MANY_REQUESTS + retry
// 429 DisruptionBudget       FAILED_PRECONDITION  DISRUPTION_BUDGET
// 500 failed calling webhook UNAVAILABLE          WEBHOOK_UNAVAILABLE
// 500                        INTERNAL             UPSTREAM_INTERNAL
// 502, 503, ServerTimeout    UNAVAILABLE          UPSTREAM_UNAVAILABLE
// 504                        DEADLINE_EXCEEDED    UPSTREAM_TIMEOUT
// no answer                  UNAVAILABLE          API_SERVER_UNREACHABLE,
//                                                 API_SERVER_TLS_FAILED
#ifndef HOWDAH_BACKEND_KUBERNETES_API_ERROR_H_
#define HOWDAH_BACKEND_KUBERNETES_API_ERROR_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/kubernetes/control_plane.h"

namespace howdah::kubernetes {

// What was asked; becomes part of messages and metadata.
struct Asked {
  // A Kubernetes verb: get, list, watch, create, patch, delete.
  absl::string_view verb;
  Resource resource;
  ObjectKey key = {};
};

// "clusters.postgresql.cnpg.io".
std::string ResourceName(const Resource& resource);

// The error of an answer that is not 2xx. `retry_after` is its Retry-After, if
// any. Never OK.
absl::Status ErrorOfResponse(const Asked& asked, int http_status,
                             absl::string_view body,
                             absl::string_view retry_after = "");

// The error that a Status object of a watch stream carries.
absl::Status ErrorOfStatusObject(const Asked& asked, absl::string_view json);

// An error of net::HttpClient, in the words of this plane.
absl::Status ErrorOfTransport(const Asked& asked, const absl::Status& error,
                              absl::string_view server,
                              absl::string_view context);

// An answer of 2xx that makes no sense.
absl::Status MalformedAnswer(const Asked& asked, absl::string_view problem);

// Seconds of a Retry-After header; a date or nonsense is none.
std::optional<absl::Duration> ParseRetryAfter(absl::string_view header);

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_API_ERROR_H_

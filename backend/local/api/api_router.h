// The Kubernetes API as a function from request to response; no sockets.
//
//   ApiRouter router(store, {.token = "..."});
//   ApiResponse response = router.Handle(request);
//
// Order: authenticate, discovery, reviews, resources. Every failure is a
// Status object.
#ifndef HOWDAH_BACKEND_LOCAL_API_API_ROUTER_H_
#define HOWDAH_BACKEND_LOCAL_API_API_ROUTER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "backend/local/api/api_request.h"
#include "backend/local/api/resource_handler.h"
#include "backend/local/object_store.h"

namespace howdah::local {

struct ApiRouterOptions {
  // The only bearer token that is let in.
  std::string token;
  std::function<absl::Time()> clock = &absl::Now;
};

// Threads: safe. Limits: the store must outlive it and every watch it answers.
class ApiRouter {
 public:
  ApiRouter(ObjectStore& store, ApiRouterOptions options);

  ApiResponse Handle(const ApiRequest& request);

  // The response that shows this error.
  static ApiResponse ErrorResponse(const absl::Status& status);

 private:
  ApiResponse Answer(const ApiRequest& request);
  absl::StatusOr<ApiResponse> Route(const ApiRequest& request);
  absl::StatusOr<ApiResponse> RouteResource(const Target& target,
                                            const ApiRequest& request);

  const ApiRouterOptions options_;
  ResourceHandler handler_;
};

// Creates the namespaces that every cluster has, where they are missing.
absl::Status CreateInitialNamespaces(ObjectStore& store);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_API_ROUTER_H_

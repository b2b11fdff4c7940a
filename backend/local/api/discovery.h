// The documents by which clients find out what is served: /, /version, /api,
// /apis, resource lists (classic and aggregated), /openapi/v3. All are derived
// from the resource catalogue; /openapi/v2 is there for old clients, and empty.
// And by which they find out whether it is well: /healthz, /livez, /readyz.
#ifndef HOWDAH_BACKEND_LOCAL_API_DISCOVERY_H_
#define HOWDAH_BACKEND_LOCAL_API_DISCOVERY_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/local/api/api_request.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// The answer for a path that is no resource; nothing if the path is none.
std::optional<absl::StatusOr<ApiResponse>> AnswerDiscovery(
    const Target& target, const ApiRequest& request);

// Whether it is answered to callers that do not say who they are.
bool IsOpenToAll(absl::string_view path);

// The OpenAPI v3 document of one group and version; null if it is not served.
Json OpenApiDocument(absl::string_view group, absl::string_view version);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_DISCOVERY_H_

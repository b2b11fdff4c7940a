// The documents by which clients find out what is served: /version, /api,
// /apis, resource lists (classic and aggregated), /openapi/v3. All are derived
// from the resource catalogue; /openapi/v2 is there for old clients, and empty.
#ifndef HOWDAH_BACKEND_LOCAL_API_DISCOVERY_H_
#define HOWDAH_BACKEND_LOCAL_API_DISCOVERY_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "backend/local/api/api_request.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// The answer for a discovery path; nothing if the path is none.
std::optional<ApiResponse> AnswerDiscovery(absl::string_view path,
                                           absl::string_view accept);

// The OpenAPI v3 document of one group and version; null if it is not served.
Json OpenApiDocument(absl::string_view group, absl::string_view version);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_DISCOVERY_H_

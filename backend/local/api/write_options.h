// The options of a write, as its query gives them.
//
//   ASSIGN_OR_RETURN(WriteOptions options, ParseWriteOptions(request, query));
//
// Source: k8s.io/apimachinery, meta/v1/validation.
#ifndef HOWDAH_BACKEND_LOCAL_API_WRITE_OPTIONS_H_
#define HOWDAH_BACKEND_LOCAL_API_WRITE_OPTIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "backend/local/api/api_request.h"

namespace howdah::local {

struct WriteOptions {
  bool dry_run = false;
  std::string validation = "Warn";  // Ignore, Warn or Strict
  std::string field_manager = {};
  // Of server-side apply: what others have set is taken from them.
  bool force = false;
};

// Of POST, PUT and PATCH; other methods have none of them. 422 with all that is
// wrong.
absl::StatusOr<WriteOptions> ParseWriteOptions(const ApiRequest& request,
                                               const Query& query);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_WRITE_OPTIONS_H_

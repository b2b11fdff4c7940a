// Whether an object is the one that its path names.
//
//   RETURN_IF_ERROR(CheckIdentity(call.path, object));
#ifndef HOWDAH_BACKEND_LOCAL_API_OBJECT_IDENTITY_H_
#define HOWDAH_BACKEND_LOCAL_API_OBJECT_IDENTITY_H_

#include "absl/status/status.h"
#include "backend/local/api/api_request.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// 400 if it has no name, another one, or another namespace; none is as good as
// that of the path.
absl::Status CheckIdentity(const ResourcePath& path, const Json& object);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_OBJECT_IDENTITY_H_

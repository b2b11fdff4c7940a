// The types of the catalogue as backend/local/fields sees them.
//
//   TrackUpdate(WholeSchemaOf(info), ManagerOf(info, "kubectl", "", now),
//               before, next);
#ifndef HOWDAH_BACKEND_LOCAL_API_FIELD_MANAGERS_H_
#define HOWDAH_BACKEND_LOCAL_API_FIELD_MANAGERS_H_

#include <string>

#include "absl/time/time.h"
#include "backend/local/api/resource_catalogue.h"
#include "backend/local/fields/managed_fields.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// The fields of the type and those that all objects have. Threads: immutable
// after the first call; safe.
const Json& WholeSchemaOf(const ResourceInfo& info);

// One who writes the object, or its subresource: what the other half holds is
// not reached by either.
FieldManager ManagerOf(const ResourceInfo& info, std::string name,
                       std::string subresource, absl::Time now);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_FIELD_MANAGERS_H_

// What the API server and the CloudNativePG operator check before an object is
// stored, beyond its schema.
//
//   DefaultObject(info, object);                   // as it is read
//   CompleteObject(info, object);                  // by the registry
//   RETURN_IF_ERROR(MutateObject(info, object));   // the mutating webhook
//   RETURN_IF_ERROR(CheckObject(info, object, before, subresource));  // 422
//
// The texts are those of the real thing too.
#ifndef HOWDAH_BACKEND_LOCAL_API_ADMISSION_H_
#define HOWDAH_BACKEND_LOCAL_API_ADMISSION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/resource_catalogue.h"

namespace howdah::local {

// That CEL rules were left out, as the API server tells among the causes.
FieldCause RulesNotChecked();
// See go_types.h: the metadata, and all of a built-in resource.
std::string DecodeObject(const ResourceInfo& info, Json& object);
// Sets what reading the object would: the defaults of its type, data from the
// stringData of a Secret. Who sends the object is said to have set them.
void DefaultObject(const ResourceInfo& info, Json& object);
// Sets what the registry would: finalizers and status of a namespace.
void CompleteObject(const ResourceInfo& info, Json& object);
// What the operator's webhook makes of a Cluster: its defaults, and all that Go
// writes. 400 if it could not read a Cluster or a Database.
absl::Status MutateObject(const ResourceInfo& info, Json& object);

// What becomes of an object of which nothing is told.
Json Untouched(const ResourceInfo& info);

// `before` is null for a new object. A write of the subresource "status" may be
// wrong in the status only, and no webhook sees that of any subresource.
absl::Status CheckObject(const ResourceInfo& info, const Json& object,
                         const Json* before, absl::string_view subresource);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_ADMISSION_H_

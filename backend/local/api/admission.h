// What the API server and the CloudNativePG operator check before an object is
// stored, beyond its schema.
//
//   CompleteObject(info, object);                        // defaults
//   RETURN_IF_ERROR(CheckObject(info, object, before));  // 422 with causes
//
// The rules are those of the types' CEL expressions and webhooks for the fields
// that the plane knows; the texts too.
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
// Sets what a webhook or the registry would: defaults, status of a new
// namespace, stringData of a Secret.
void CompleteObject(const ResourceInfo& info, Json& object);

// `before` is null for a new object.
absl::Status CheckObject(const ResourceInfo& info, const Json& object,
                         const Json* before);

// A quantity such as "10Gi" in bytes; INVALID_ARGUMENT if it is none.
absl::StatusOr<double> ParseQuantity(absl::string_view text);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_ADMISSION_H_

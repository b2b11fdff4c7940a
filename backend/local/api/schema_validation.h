// Checks of values against schemas (schema.h), with the causes that a real API
// server names.
//
//   std::vector<FieldCause> wrong = Validate(schema, object, &before);
//
// The rules are those of its validation of custom resources, with what is odd
// about it: a list passes for a time.
#ifndef HOWDAH_BACKEND_LOCAL_API_SCHEMA_VALIDATION_H_
#define HOWDAH_BACKEND_LOCAL_API_SCHEMA_VALIDATION_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "backend/local/api/api_error.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// The field of a cause that names it only in its words.
inline constexpr absl::string_view kNoField = "<nil>";

// What stands in `before` (may be null) as it is now is taken as it is.
std::vector<FieldCause> Validate(const Json& schema, const Json& value,
                                 const Json* before);

// Keys that stand twice in a list of type map, values in one of type set.
std::vector<FieldCause> ValidateLists(const Json& schema, const Json& value);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_SCHEMA_VALIDATION_H_

// Structural schemas: defaults, pruning of unknown fields, validation.
//
//   ApplyDefaults(schema, object);
//   Pruned pruned = Prune(schema, object);       // unknown fields are gone
//   std::vector<FieldCause> wrong = Validate(schema, object);
//
// A schema is the subset of OpenAPI v3 that CRDs use: type, properties, items,
// additionalProperties, required, default, enum, pattern, minimum, maximum,
// minLength, maxLength, format (byte, date-time),
// x-kubernetes-preserve-unknown-fields; and of our own `x-unsupported`, names
// of fields that the real type has and this plane does not act on, and
// `x-fixed`, for a field of which only the default can be had.
#ifndef HOWDAH_BACKEND_LOCAL_API_SCHEMA_H_
#define HOWDAH_BACKEND_LOCAL_API_SCHEMA_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "backend/local/api/api_error.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// How the message of a cause begins that is about text of format byte.
inline constexpr absl::string_view kIllegalBytes =
    "illegal base64 data at input byte ";

struct Pruned {
  // Paths of fields that were removed.
  std::vector<std::string> unknown;
  // Paths of fields that are kept but have no effect here.
  std::vector<std::string> unsupported;
};

void ApplyDefaults(const Json& schema, Json& value);
// `value` is a whole object: apiVersion, kind and metadata are known.
Pruned Prune(const Json& schema, Json& value);
std::vector<FieldCause> Validate(const Json& schema, const Json& value);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_SCHEMA_H_

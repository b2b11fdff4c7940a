// Structural schemas: defaults and pruning of unknown fields;
// schema_validation.h checks values against them.
//
//   Pruned pruned = Prune(schema, object, before);  // unknown fields are gone
//   DropNulls(schema, object);
//   ApplyDefaults(schema, object);
//
// A schema is the subset of OpenAPI v3 that CRDs use: type, properties, items,
// additionalProperties, required, default, enum, pattern, minimum, maximum,
// minLength, maxLength, format, the x-kubernetes marks of lists, maps and
// preserved fields; and of our own `x-unsupported`, for a field that this plane
// does not act on: only its default can be had, or nothing. `x-written` and
// `x-zero` are of go_types.h.
#ifndef HOWDAH_BACKEND_LOCAL_API_SCHEMA_H_
#define HOWDAH_BACKEND_LOCAL_API_SCHEMA_H_

#include <string>
#include <vector>

#include "backend/local/object_store.h"

namespace howdah::local {

struct Pruned {
  // Paths of fields that were removed.
  std::vector<std::string> unknown;
  // Paths of fields that are kept but have no effect here.
  std::vector<std::string> unsupported;
};

// What stands at the key of an object; an empty object if nothing does.
const Json& PartOf(const Json& object, const char* key);
// That of a property, or of all that a map holds; null if there is no such.
const Json* SchemaOfField(const Json& schema, const std::string& field);

// `value` is a whole object: apiVersion, kind and metadata are known. What has
// no effect is told only where it differs from `held`.
Pruned Prune(const Json& schema, Json& value, const Json& held);
// A null stands for "not set", but in a list.
void DropNulls(const Json& schema, Json& value);
void ApplyDefaults(const Json& schema, Json& value);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_SCHEMA_H_

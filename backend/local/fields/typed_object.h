// Objects seen through their schema: which fields one has, what of them two
// differ in, and one laid over another.
//
//   TypedDifference difference = CompareTyped(schema, before, after);
//   ASSIGN_OR_RETURN(Json merged, MergeTyped(schema, live, wanted));
//
// The schema (api/schema.h) tells what is one field: a scalar, a list or map
// that is atomic (lists are unless x-kubernetes-list-type says otherwise), an
// element of a `set` or of a `map` with its keys. What has no type, or is
// free, is taken by its value. Source: sigs.k8s.io/structured-merge-diff,
// typed; the order of merged lists is its own too.
#ifndef HOWDAH_BACKEND_LOCAL_FIELDS_TYPED_OBJECT_H_
#define HOWDAH_BACKEND_LOCAL_FIELDS_TYPED_OBJECT_H_

#include <string>

#include "absl/status/statusor.h"
#include "backend/local/fields/field_set.h"
#include "backend/local/object_store.h"

namespace howdah::local {

struct TypedDifference {
  FieldSet added;
  FieldSet modified;
  FieldSet removed;
};

// Every field that the value sets.
FieldSet FieldsOf(const Json& schema, const Json& value);

TypedDifference CompareTyped(const Json& schema, const Json& before,
                             const Json& after);

// What keeps a configuration from being applied: fields that the schema does
// not have, values of another type, elements without their keys or twice there.
// INVALID_ARGUMENT with a sentence that names them.
absl::Status CheckTyped(const Json& schema, const Json& value);

// `live` with all that `wanted`, which CheckTyped has let pass, sets.
Json MergeTyped(const Json& schema, const Json& live, const Json& wanted);

// Without the fields of the set, and what then is empty.
Json RemoveFields(const Json& schema, const Json& value, const FieldSet& gone);

// The set with every struct field that it has something below of.
FieldSet WithNamedFields(const Json& schema, const FieldSet& set);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_FIELDS_TYPED_OBJECT_H_

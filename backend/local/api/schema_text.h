// The schemas (schema.h) of the types that the plane serves.
//
//   const Json sources = SchemaSources();
//   Json schema = SchemaOf(sources, "Cluster");
//
// They stand in schemas/*.json in a short form, by name. Where a schema is
// wanted there, a text is one of
//
//   "Storage"          the schema of that name
//   "string[]"         a list of it; "string[atomic]", "Port[by port,protocol]"
//                      with x-kubernetes-list-type atomic or map
//   "string{}"         a map to it
//
// and an object is a schema of OpenAPI, but for these of its keys:
//
//   "is": "Storage"    all that this schema has, and what stands beside it
//   "fields": {}       properties; "name!" is required, "name+" is written by
//                      Go even if it is nothing (x-written), and "name~" has
//                      no effect in this plane (x-unsupported)
//   "items[atomic]"    items, of such a list
//
// What has fields is an object, and what has items is a list.
//
// Written by hand. Of CloudNativePG's types they have all fields, with the
// types, bounds, defaults and list types of its definitions.
#ifndef HOWDAH_BACKEND_LOCAL_API_SCHEMA_TEXT_H_
#define HOWDAH_BACKEND_LOCAL_API_SCHEMA_TEXT_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// The short forms of all, by name.
Json SchemaSources();
// Null if there is none of this name.
Json SchemaOf(const Json& sources, absl::string_view name);

// The files of which the sources are made.
const std::vector<absl::string_view>& SchemaTexts();

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_SCHEMA_TEXT_H_

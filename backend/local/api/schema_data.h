// The fields that the local plane knows of each type, as text; see schema.h.
//
// They are written by hand, from the documentation of the types: what is not
// listed is unknown, what is in `x-unsupported` exists in the real type but has
// no effect here, and is refused under strict validation.
#ifndef HOWDAH_BACKEND_LOCAL_API_SCHEMA_DATA_H_
#define HOWDAH_BACKEND_LOCAL_API_SCHEMA_DATA_H_

namespace howdah::local {

extern const char kClusterSchema[];
extern const char kDatabaseSchema[];
extern const char kDatabaseRoleSchema[];
extern const char kSecretSchema[];
extern const char kConfigMapSchema[];
extern const char kNamespaceSchema[];
extern const char kEventSchema[];
// For types whose fields are written by the plane only.
extern const char kFreeSchema[];

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_SCHEMA_DATA_H_

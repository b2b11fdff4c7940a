// metadata.managedFields: who has set which field of an object, and
// server-side apply, which follows from it.
//
//   FieldManager by{.name = "kubectl", .api_version = "v1", .now = now};
//   TrackUpdate(schema, by, before, next);   // next has its managedFields
//   ASSIGN_OR_RETURN(Json next, ApplyFields(schema, by, before, config,
//   force));
//
// As kube-apiserver does it (apimachinery, managedfields): what a manager
// writes becomes its own; a configuration that is applied takes away what its
// manager no longer names, and changes what others have set only with `force`.
#ifndef HOWDAH_BACKEND_LOCAL_FIELDS_MANAGED_FIELDS_H_
#define HOWDAH_BACKEND_LOCAL_FIELDS_MANAGED_FIELDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/local/fields/field_set.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// Who writes, and by which door.
struct FieldManager {
  std::string name;
  std::string api_version;  // "v1", "postgresql.cnpg.io/v1"
  std::string subresource = {};
  // What a write by this door does not reach: the status by the main one.
  FieldSet ignored = {};
  absl::Time now;
};

// The name of who writes: `field_manager` of the query, else the program that
// the User-Agent names.
std::string ManagerName(absl::string_view field_manager,
                        absl::string_view user_agent);

// One field that an applied configuration wants to be other than its manager.
struct FieldConflict {
  std::string manager;  // for people: `"kubectl" using v1`
  FieldPath path;
};

// Sets metadata.managedFields of `next`, which replaces `before`: an empty
// object for a new one. `schema` has apiVersion, kind and metadata too, here
// and below.
void TrackUpdate(const Json& schema, const FieldManager& by, const Json& before,
                 Json& next);

struct Applied {
  // With managedFields; `before` where nothing differs but these.
  Json object;
  // If there are any, nothing was applied.
  std::vector<FieldConflict> conflicts;
};

// Lays `config` over `before` (empty: a new object). INVALID_ARGUMENT with a
// sentence if it does not fit the schema.
absl::StatusOr<Applied> ApplyFields(const Json& schema, const FieldManager& by,
                                    const Json& before, const Json& config,
                                    bool force);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_FIELDS_MANAGED_FIELDS_H_

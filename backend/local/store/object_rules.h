// What Kubernetes keeps to itself in `metadata`, as functions over values.
//
//   Json stored = NewObject(type, "default", object, now);   // uid, generation
//   Json next = NextObject(type, before, edited);            // what stays
//   if (ReadyToRemove(type, next)) ...                       // finalizers gone
//
// The store applies them to every write, and the API to dry runs.
#ifndef HOWDAH_BACKEND_LOCAL_STORE_OBJECT_RULES_H_
#define HOWDAH_BACKEND_LOCAL_STORE_OBJECT_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/local/object_store.h"

namespace howdah::local {

inline constexpr absl::string_view kForegroundFinalizer = "foregroundDeletion";
inline constexpr absl::string_view kOrphanFinalizer = "orphan";

// A random UUID, version 4.
std::string NewUid();

// RFC 3339 in UTC with whole seconds, as metav1.Time prints it.
std::string KubernetesTime(absl::Time time);

// A text member at `object[a][b]`, or "".
std::string TextAt(const Json& object, absl::string_view a,
                   absl::string_view b);

std::string NameOf(const Json& object);
std::string NamespaceOf(const Json& object);
std::string UidOf(const Json& object);

// Takes out what is the same as nothing: empty maps and lists.
void DropEmptyMetadata(Json& metadata);

// `object` as it is stored first: uid, creationTimestamp, generation 1; no
// resourceVersion yet.
Json NewObject(const ResourceType& type, absl::string_view namespace_name,
               Json object, absl::Time now);

// `edited` with everything that a client cannot change put back as in
// `before`; generation grows if anything outside metadata and status differs.
Json NextObject(const ResourceType& type, const Json& before, Json edited);

// `object` marked for deletion; unchanged if it is already.
Json MarkDeleted(const Json& object, absl::Time now);

void SetResourceVersion(Json& object, uint64_t version);

bool IsTerminating(const Json& object);
bool HasFinalizer(const Json& object, absl::string_view finalizer);
// Whether finalizers hold the object; namespaces have theirs in the spec too.
bool HasFinalizers(const ResourceType& type, const Json& object);

// Uids of metadata.ownerReferences.
std::vector<std::string> OwnerUids(const Json& object);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_STORE_OBJECT_RULES_H_

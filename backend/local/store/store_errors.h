// The errors of the object store, in the words of the Kubernetes API server.
//
// They are plain statuses: the only way out of this program is the Kubernetes
// API, whose Status object carries what google.rpc details carry elsewhere.
#ifndef HOWDAH_BACKEND_LOCAL_STORE_STORE_ERRORS_H_
#define HOWDAH_BACKEND_LOCAL_STORE_STORE_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local {

absl::Status ObjectNotFound(const ResourceType& type, absl::string_view name);
absl::Status ObjectExists(const ResourceType& type, absl::string_view name);
// `fact` is "UID" or "ResourceVersion".
absl::Status PreconditionDiffers(const ResourceType& type,
                                 absl::string_view name, absl::string_view fact,
                                 absl::string_view wanted,
                                 absl::string_view actual);
absl::Status VersionTooOld(uint64_t wanted, uint64_t oldest);
absl::Status VersionFromTheFuture(uint64_t wanted, uint64_t newest);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_STORE_STORE_ERRORS_H_

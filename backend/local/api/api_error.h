// Errors of the Kubernetes API: an absl::Status that carries the Status object
// a client will see.
//
//   return InvalidObject("postgresql.cnpg.io", "Cluster", "demo", causes);
//   ...
//   response.status = HttpCode(error);
//   response.body = StatusObject(error).dump();
//
// Codes, reasons and texts are those of kube-apiserver: clients match on them.
#ifndef HOWDAH_BACKEND_LOCAL_API_API_ERROR_H_
#define HOWDAH_BACKEND_LOCAL_API_API_ERROR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// One wrong field: reason is FieldValueInvalid, FieldValueRequired, ...
struct FieldCause {
  std::string reason;
  std::string message;
  std::string field;
};

FieldCause InvalidValue(absl::string_view field, const Json& value,
                        absl::string_view why);
FieldCause RequiredValue(absl::string_view field, absl::string_view why = "");
FieldCause UnsupportedValue(absl::string_view field, const Json& value,
                            const std::vector<std::string>& supported);
FieldCause DuplicateValue(absl::string_view field, const Json& value);
FieldCause ForbiddenValue(absl::string_view field, absl::string_view why);

// The general form; `details` may be null.
absl::Status ApiError(int code, absl::string_view reason,
                      absl::string_view message, Json details = nullptr);

absl::Status BadRequest(absl::string_view message);
// The body is of another object than the path.
absl::Status WrongName(absl::string_view name, absl::string_view name_in_path);
// The body names none where it must.
absl::Status MissingName(absl::string_view name_in_path);
absl::Status WrongNamespace();
absl::Status Unauthorized();
absl::Status Forbidden(const ResourceType& type, absl::string_view name,
                       absl::string_view why);
// No such path or resource type.
absl::Status UnknownResource();
absl::Status NotFound(const ResourceType& type, absl::string_view name);
absl::Status AlreadyExists(const ResourceType& type, absl::string_view name);
// A deletion whose precondition does not hold; `fact` is "UID" or
// "ResourceVersion".
absl::Status PreconditionConflict(
    const ResourceType& type, absl::string_view kind, absl::string_view name,
    absl::string_view fact, absl::string_view wanted, absl::string_view actual);
absl::Status Conflict(const ResourceType& type, absl::string_view name,
                      absl::string_view why);
// `prefix` names the admission webhook that refuses, or is empty.
absl::Status InvalidObject(absl::string_view group, absl::string_view kind,
                           absl::string_view name,
                           const std::vector<FieldCause>& causes,
                           absl::string_view prefix = "");
absl::Status MethodNotAllowed();
// Of a custom resource; `verb` is empty for what HTTP has beyond those.
absl::Status VerbNotSupported(const ResourceType& type, absl::string_view verb);
// What the API server calls its own fault, without a reason.
absl::Status ServerFault(absl::string_view message);
absl::Status NotAcceptable();
absl::Status UnsupportedMediaType(absl::string_view message);
absl::Status TooLarge(absl::string_view message);
absl::Status Expired(absl::string_view message);
absl::Status VersionTooLarge(uint64_t wanted, uint64_t current);

// An error of the store about this object, as the API shows it; API errors pass
// unchanged.
absl::Status FromStore(const absl::Status& status, const ResourceType& type,
                       absl::string_view name);

int HttpCode(const absl::Status& status);
// The metav1.Status object.
Json StatusObject(const absl::Status& status);

// "clusters.postgresql.cnpg.io", "secrets".
std::string QualifiedResource(const ResourceType& type);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_API_ERROR_H_

// Names of the Kubernetes objects that belong to roles and databases.
//
// Role and database names are arbitrary PostgreSQL identifiers, Kubernetes
// names are not, and joining two names with "-" is ambiguous: cluster "a" with
// "b-c" and cluster "a-b" with "c". So every name has several candidates, from
// the readable one to ones with a hash of the exact pair; a writer takes the
// first that is free or already belongs to the pair. Readers never derive a
// name: they look for the pair inside the objects.
//
//   SecretNames("demo", "app_user")
//     // "cnpg-demo-user-app-user-5d2b6f3c", "cnpg-demo-user-app-user-5d2b…"
#ifndef HOWDAH_BACKEND_CNPG_NAMES_H_
#define HOWDAH_BACKEND_CNPG_NAMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::cnpg {

// Candidates for the Secret with a role's password, best first:
// "cnpg-{cluster}-user-{role}" only where that is a legal name as it is.
std::vector<std::string> SecretNames(absl::string_view cluster,
                                     absl::string_view role);

// Candidates for a DatabaseRole or Database object: "{cluster}-{name}" first.
std::vector<std::string> ObjectNames(absl::string_view cluster,
                                     absl::string_view name);

// Digest of a request's arguments, for the annotation beside a request id.
std::string Digest(absl::string_view text);

// Names that PostgreSQL or the operator keeps for itself.
bool IsReservedRole(absl::string_view role);
bool IsReservedDatabase(absl::string_view database);

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_NAMES_H_

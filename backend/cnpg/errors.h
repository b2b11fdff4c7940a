// Every error that this domain gives, by name. Each says what happened to which
// object and what to do next, and carries a stable reason.
#ifndef HOWDAH_BACKEND_CNPG_ERRORS_H_
#define HOWDAH_BACKEND_CNPG_ERRORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace howdah::cnpg {

// CLUSTER_NOT_FOUND
absl::Status ClusterNotFound(absl::string_view namespace_name,
                             absl::string_view name);
// CLUSTER_EXISTS
absl::Status ClusterExists(absl::string_view namespace_name,
                           absl::string_view name);
// CLUSTER_BEING_DELETED
absl::Status ClusterBeingDeleted(absl::string_view namespace_name,
                                 absl::string_view name);
// REQUEST_ID_REUSED: the id was used for a call with other arguments.
absl::Status RequestIdReused(absl::string_view request_id,
                             absl::string_view object);
// ETAG_MISMATCH: the object has changed since it was read.
absl::Status EtagMismatch(absl::string_view type, absl::string_view name);
// CONFIRMATION_REQUIRED: lists what would be lost.
absl::Status ConfirmationRequired(absl::string_view what,
                                  const std::vector<std::string>& losses);
// INVALID_PAGE_TOKEN
absl::Status InvalidPageToken();

// ROLE_NOT_FOUND
absl::Status RoleNotFound(absl::string_view cluster, absl::string_view role);
// ROLE_EXISTS; `difference` says how it differs from what was asked for.
absl::Status RoleExists(absl::string_view cluster, absl::string_view role,
                        absl::string_view difference);
// ROLE_RESERVED
absl::Status RoleReserved(absl::string_view role);
// ROLE_IS_APPLICATION_OWNER
absl::Status RoleIsApplicationOwner(absl::string_view cluster,
                                    absl::string_view role,
                                    absl::string_view secret);
// ROLE_NOT_APPLIED: the operator or PostgreSQL refuses it.
absl::Status RoleNotApplied(absl::string_view cluster, absl::string_view role,
                            absl::string_view operator_message,
                            absl::string_view advice);
// ROLE_NOT_DROPPED: PostgreSQL refuses, for example since it owns objects.
absl::Status RoleNotDropped(absl::string_view cluster, absl::string_view role,
                            absl::string_view operator_message);
// SECRET_NOT_OURS: a password in a Secret that somebody else manages.
absl::Status SecretNotOurs(absl::string_view role, absl::string_view secret);

// DATABASE_NOT_FOUND
absl::Status DatabaseNotFound(absl::string_view cluster,
                              absl::string_view database);
// DATABASE_EXISTS
absl::Status DatabaseExists(absl::string_view cluster,
                            absl::string_view database, absl::string_view how);
// DATABASE_RESERVED
absl::Status DatabaseReserved(absl::string_view database);
// DATABASE_NOT_APPLIED
absl::Status DatabaseNotApplied(absl::string_view cluster,
                                absl::string_view database,
                                absl::string_view operator_message);
// DATABASE_NOT_DROPPED: PostgreSQL refuses, for example while sessions use it.
absl::Status DatabaseNotDropped(absl::string_view cluster,
                                absl::string_view database,
                                absl::string_view operator_message);
// OPERATOR_TOO_OLD: the API server does not serve a type of CloudNativePG.
absl::Status OperatorTooOld(absl::string_view what,
                            absl::string_view needed_release);

// Bounded, single-line form of a text from outside, for use in messages.
std::string Excerpt(absl::string_view text);

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_ERRORS_H_

#include "backend/cnpg/errors.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/support/status_details.h"

namespace howdah::cnpg {
namespace {

using support::ErrorBuilder;
using support::kPostgresDomain;

ErrorBuilder Make(absl::StatusCode code, absl::string_view reason) {
  return ErrorBuilder(code, reason, kPostgresDomain);
}

}  // namespace

absl::Status ClusterNotFound(absl::string_view namespace_name,
                             absl::string_view name) {
  return Make(absl::StatusCode::kNotFound, "CLUSTER_NOT_FOUND")
      .Message(absl::StrCat(
          "Cluster \"", name, "\" does not exist in namespace \"",
          namespace_name,
          "\"; list_postgres_clusters with namespace \"*\" shows those that "
          "do."))
      .With("cluster", name)
      .With("namespace", namespace_name)
      .Resource("Cluster", absl::StrCat(namespace_name, "/", name))
      .Build();
}

absl::Status ClusterExists(absl::string_view namespace_name,
                           absl::string_view name) {
  return Make(absl::StatusCode::kAlreadyExists, "CLUSTER_EXISTS")
      .Message(absl::StrCat(
          "Cluster \"", name, "\" exists already in namespace \"",
          namespace_name,
          "\"; choose another name, look at it with get_cluster_status, or "
          "change its size with scale_postgres_cluster."))
      .With("cluster", name)
      .With("namespace", namespace_name)
      .Resource("Cluster", absl::StrCat(namespace_name, "/", name))
      .Build();
}

absl::Status ClusterBeingDeleted(absl::string_view namespace_name,
                                 absl::string_view name) {
  return Make(absl::StatusCode::kFailedPrecondition, "CLUSTER_BEING_DELETED")
      .Message(absl::StrCat("Cluster \"", name, "\" in namespace \"",
                            namespace_name,
                            "\" is being deleted; wait until it is gone."))
      .With("cluster", name)
      .With("namespace", namespace_name)
      .Precondition("NOT_DELETING", absl::StrCat(namespace_name, "/", name),
                    "The cluster is being deleted.")
      .Build();
}

absl::Status RequestIdReused(absl::string_view request_id,
                             absl::string_view object) {
  return Make(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED")
      .Message(absl::StrCat("request_id \"", request_id,
                            "\" was used before for a call with other "
                            "arguments, which made ",
                            object, "; use a new request_id."))
      .With("requestId", request_id)
      .With("object", object)
      .Field("request_id", "a new id for each different call")
      .Build();
}

absl::Status EtagMismatch(absl::string_view type, absl::string_view name) {
  return Make(absl::StatusCode::kAborted, "ETAG_MISMATCH")
      .Message(absl::StrCat(type, " \"", name,
                            "\" has changed since the etag was read; read it "
                            "again and decide anew."))
      .With("type", type)
      .With("name", name)
      .Build();
}

absl::Status ConfirmationRequired(absl::string_view what,
                                  const std::vector<std::string>& losses) {
  return Make(absl::StatusCode::kFailedPrecondition, "CONFIRMATION_REQUIRED")
      .Message(absl::StrCat(
          "Nothing was deleted: deleting ", what, " would lose ",
          absl::StrJoin(losses, "; "),
          ". Ask the user, then repeat the call with confirm_deletion=true."))
      .With("what", what)
      .Precondition("CONFIRMATION", "confirm_deletion",
                    "must be true for a call that loses data")
      .Build();
}

absl::Status InvalidPageToken() {
  return Make(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN")
      .Message(
          "page_token does not belong to this call: pass next_page_token of "
          "the page before, with all other arguments unchanged, or leave it "
          "out to begin anew.")
      .Field("page_token", "next_page_token of the page before")
      .Build();
}

absl::Status RoleNotFound(absl::string_view cluster, absl::string_view role) {
  return Make(absl::StatusCode::kNotFound, "ROLE_NOT_FOUND")
      .Message(absl::StrCat("Cluster \"", cluster, "\" has no managed role \"",
                            role,
                            "\"; list_postgres_roles shows those it has."))
      .With("cluster", cluster)
      .With("role", role)
      .Resource("Role", absl::StrCat(cluster, "/", role))
      .Build();
}

absl::Status RoleExists(absl::string_view cluster, absl::string_view role,
                        absl::string_view difference) {
  return Make(absl::StatusCode::kAlreadyExists, "ROLE_EXISTS")
      .Message(absl::StrCat(
          "Role \"", role, "\" exists already in cluster \"", cluster, "\"",
          difference.empty()
              ? absl::StrCat(" just as asked for; nothing has to be done.")
              : absl::StrCat(" with other attributes (", difference,
                             "); change it with update_postgres_role.")))
      .With("cluster", cluster)
      .With("role", role)
      .With("difference", difference)
      .Resource("Role", absl::StrCat(cluster, "/", role))
      .Build();
}

absl::Status RoleReserved(absl::string_view role) {
  return Make(absl::StatusCode::kInvalidArgument, "ROLE_RESERVED")
      .Message(absl::StrCat(
          "Role name \"", role,
          "\" is reserved: postgres, streaming_replica and names that begin "
          "with pg_ or cnpg_ belong to PostgreSQL and the operator; choose "
          "another, for example \"app_user\"."))
      .With("role", role)
      .Field("role_name", "a name that is not reserved")
      .Build();
}

absl::Status RoleIsApplicationOwner(absl::string_view cluster,
                                    absl::string_view role,
                                    absl::string_view secret) {
  return Make(absl::StatusCode::kAlreadyExists, "ROLE_IS_APPLICATION_OWNER")
      .Message(absl::StrCat(
          "Role \"", role, "\" was made with cluster \"", cluster,
          "\" as owner of the application database and is run by the operator; "
          "its credentials are in Secret \"",
          secret, "\". Choose another name for a new role."))
      .With("cluster", cluster)
      .With("role", role)
      .With("secret", secret)
      .Resource("Role", absl::StrCat(cluster, "/", role))
      .Build();
}

absl::Status RoleNotApplied(absl::string_view cluster, absl::string_view role,
                            absl::string_view operator_message,
                            absl::string_view advice) {
  std::string excerpt = Excerpt(operator_message);
  return Make(absl::StatusCode::kFailedPrecondition, "ROLE_NOT_APPLIED")
      .Message(absl::StrCat(
          "Role \"", role, "\" of cluster \"", cluster,
          "\" is declared, but the operator cannot apply it: ", excerpt, " ",
          advice))
      .With("cluster", cluster)
      .With("role", role)
      .With("operatorMessage", excerpt)
      .Precondition("OPERATOR", absl::StrCat(cluster, "/", role), excerpt)
      .Build();
}

absl::Status RoleNotDropped(absl::string_view cluster, absl::string_view role,
                            absl::string_view operator_message) {
  std::string excerpt = Excerpt(operator_message);
  return Make(absl::StatusCode::kFailedPrecondition, "ROLE_NOT_DROPPED")
      .Message(absl::StrCat(
          "Role \"", role, "\" of cluster \"", cluster,
          "\" is declared to be dropped, but PostgreSQL does not drop it: ",
          excerpt,
          " Give what it owns to another role (REASSIGN OWNED) or drop it; the "
          "operator goes on trying, and repeating this call then removes the "
          "role's Secret too."))
      .With("cluster", cluster)
      .With("role", role)
      .With("operatorMessage", excerpt)
      .Precondition("OPERATOR", absl::StrCat(cluster, "/", role), excerpt)
      .Build();
}

absl::Status SecretNotOurs(absl::string_view role, absl::string_view secret) {
  return Make(absl::StatusCode::kFailedPrecondition, "SECRET_NOT_OURS")
      .Message(absl::StrCat(
          "The password of role \"", role, "\" is in Secret \"", secret,
          "\", which somebody else manages; change it there. Nothing was "
          "changed."))
      .With("role", role)
      .With("secret", secret)
      .Precondition("SECRET_OWNER", secret,
                    "The Secret is not managed by this server.")
      .Build();
}

absl::Status DatabaseNotFound(absl::string_view cluster,
                              absl::string_view database) {
  return Make(absl::StatusCode::kNotFound, "DATABASE_NOT_FOUND")
      .Message(absl::StrCat("Cluster \"", cluster,
                            "\" has no managed database \"", database,
                            "\"; list_postgres_databases shows those it has."))
      .With("cluster", cluster)
      .With("database", database)
      .Resource("Database", absl::StrCat(cluster, "/", database))
      .Build();
}

absl::Status DatabaseExists(absl::string_view cluster,
                            absl::string_view database, absl::string_view how) {
  return Make(absl::StatusCode::kAlreadyExists, "DATABASE_EXISTS")
      .Message(absl::StrCat("Database \"", database,
                            "\" exists already in cluster \"", cluster, "\"",
                            how, "; choose another name."))
      .With("cluster", cluster)
      .With("database", database)
      .With("how", how)
      .Resource("Database", absl::StrCat(cluster, "/", database))
      .Build();
}

absl::Status DatabaseReserved(absl::string_view database) {
  return Make(absl::StatusCode::kInvalidArgument, "DATABASE_RESERVED")
      .Message(absl::StrCat(
          "Database name \"", database,
          "\" is reserved: postgres, template0 and template1 belong to "
          "PostgreSQL; choose another, for example \"orders\"."))
      .With("database", database)
      .Field("database_name", "a name that is not reserved")
      .Build();
}

absl::Status DatabaseNotApplied(absl::string_view cluster,
                                absl::string_view database,
                                absl::string_view operator_message) {
  std::string excerpt = Excerpt(operator_message);
  return Make(absl::StatusCode::kFailedPrecondition, "DATABASE_NOT_APPLIED")
      .Message(absl::StrCat(
          "Database \"", database, "\" of cluster \"", cluster,
          "\" is declared, but the operator cannot apply it: ", excerpt,
          " It goes on trying; put right what it complains about, or remove "
          "the database with delete_postgres_database."))
      .With("cluster", cluster)
      .With("database", database)
      .With("operatorMessage", excerpt)
      .Precondition("OPERATOR", absl::StrCat(cluster, "/", database), excerpt)
      .Build();
}

absl::Status DatabaseNotDropped(absl::string_view cluster,
                                absl::string_view database,
                                absl::string_view operator_message) {
  std::string excerpt = Excerpt(operator_message);
  return Make(absl::StatusCode::kFailedPrecondition, "DATABASE_NOT_DROPPED")
      .Message(absl::StrCat(
          "Database \"", database, "\" of cluster \"", cluster,
          "\" is being deleted, but PostgreSQL does not drop it: ", excerpt,
          " The operator goes on trying; end the sessions that use it."))
      .With("cluster", cluster)
      .With("database", database)
      .With("operatorMessage", excerpt)
      .Precondition("OPERATOR", absl::StrCat(cluster, "/", database), excerpt)
      .Build();
}

absl::Status OperatorTooOld(absl::string_view what,
                            absl::string_view needed_release) {
  return Make(absl::StatusCode::kFailedPrecondition, "OPERATOR_TOO_OLD")
      .Message(absl::StrCat(what, " need CloudNativePG ", needed_release,
                            " or later, which this Kubernetes cluster does not "
                            "have; upgrade the operator."))
      .With("what", what)
      .With("neededRelease", needed_release)
      .Precondition("OPERATOR_RELEASE", "cloudnative-pg",
                    absl::StrCat("needs ", needed_release, " or later"))
      .Build();
}

std::string Excerpt(absl::string_view text) {
  constexpr size_t kLongest = 400;
  std::string excerpt;
  for (char c : text.substr(0, kLongest)) {
    excerpt += absl::ascii_iscntrl(c) ? ' ' : c;
  }
  if (text.size() > kLongest) {
    // Not in the middle of a UTF-8 sequence.
    while (!excerpt.empty() && (excerpt.back() & 0xC0) == 0x80) {
      excerpt.pop_back();
    }
    if (!excerpt.empty() && (excerpt.back() & 0x80)) excerpt.pop_back();
    absl::StrAppend(&excerpt, "…");
  }
  absl::StripAsciiWhitespace(&excerpt);
  if (!excerpt.empty() && absl::ascii_isalnum(excerpt.back())) excerpt += '.';
  return excerpt;
}

}  // namespace howdah::cnpg

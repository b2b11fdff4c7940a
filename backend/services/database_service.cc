#include "backend/services/database_service.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/cnpg/cluster_spec.h"
#include "backend/cnpg/errors.h"
#include "backend/cnpg/names.h"
#include "backend/services/database_conversion.h"
#include "backend/services/namespaces.h"
#include "backend/services/page_token.h"
#include "backend/services/role_directory.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;
using cnpg::DatabaseState;
using kubernetes::kDatabases;
using kubernetes::ObjectKey;

constexpr size_t kDefaultPageSize = 100;
constexpr absl::string_view kNeededRelease = "1.25";

std::string ClusterText(const ObjectKey& key) {
  return absl::StrCat("cluster ", key.namespace_name, "/", key.name);
}

// All that shapes the database, to tell a repeated call from a reused id.
std::string DigestOf(const pb::CreateDatabaseRequest& request) {
  bool drop = request.reclaim_policy() == pb::RECLAIM_POLICY_DELETE;
  return cnpg::Digest(absl::StrCat(request.cluster_name(), "\n",
                                   request.database_name(), "\n",
                                   request.owner(), "\n", drop));
}

// Whether a call to create the database may go on although it is declared.
absl::Status MayCreate(const cnpg::Database& existing,
                       const pb::CreateDatabaseRequest& request) {
  std::string how =
      absl::StrCat(" as object \"", existing.meta.name, "\"",
                   existing.absent ? ", declared absent" : "",
                   existing.meta.deleting ? ", being deleted" : "");
  absl::Status exists = cnpg::DatabaseExists(request.cluster_name(),
                                             request.database_name(), how);
  if (existing.absent || existing.meta.deleting) return exists;
  if (!request.request_id().empty() &&
      existing.meta.request_id == request.request_id()) {
    if (existing.meta.request_digest == DigestOf(request)) {
      return absl::OkStatus();
    }
    return cnpg::RequestIdReused(
        request.request_id(),
        absl::StrCat("database \"", request.database_name(), "\""));
  }
  bool same = existing.owner == request.owner() &&
              existing.drop_on_delete ==
                  (request.reclaim_policy() == pb::RECLAIM_POLICY_DELETE);
  bool unfinished = existing.state == DatabaseState::kPending ||
                    existing.state == DatabaseState::kFailed;
  return same && unfinished ? absl::OkStatus() : exists;
}

std::string DeletionLoss(const cnpg::Database& database) {
  return absl::StrCat("all data of database \"", database.name, "\"");
}

std::string CreatedSummary(const std::string& where,
                           const cnpg::Database& settled) {
  if (settled.state == DatabaseState::kApplied) {
    return absl::StrCat("Database \"", settled.name, "\" with owner \"",
                        settled.owner, "\" is created in ", where, ".");
  }
  return absl::StrCat("Database \"", settled.name, "\" is declared in ", where,
                      ", but the operator has not applied it yet; "
                      "list_postgres_databases tells when it has.");
}

std::string DeletedSummary(const std::string& where, const std::string& name,
                           bool drop, bool gone) {
  if (!gone) {
    return absl::StrCat("Database \"", name, "\" of ", where,
                        " is being deleted, but the operator has not finished "
                        "yet; list_postgres_databases shows its state.");
  }
  if (drop) {
    return absl::StrCat("Database \"", name, "\" is dropped from ", where,
                        " with all its data.");
  }
  return absl::StrCat("Database \"", name, "\" of ", where,
                      " is no longer managed; it stays in PostgreSQL with its "
                      "data.");
}

bool IsManaged(const std::vector<LocatedRole>& roles, absl::string_view name) {
  return std::any_of(roles.begin(), roles.end(), [&](const LocatedRole& role) {
    return role.role.name == name;
  });
}

}  // namespace

template <typename Request>
absl::StatusOr<DatabaseService::Target> DatabaseService::FindTarget(
    const CallContext& context, const Request& request, bool fresh) {
  Target target;
  ASSIGN_OR_RETURN(target.plane, planes_.Get(request.context()));
  target.cluster_key = {NamespaceOf(request, *target.plane),
                        request.cluster_name()};
  target.call = UpstreamCall(context);
  ASSIGN_OR_RETURN(bool served,
                   target.plane->api().Serves(kDatabases, target.call));
  if (!served) return cnpg::OperatorTooOld("Databases", kNeededRelease);
  ObjectReader<cnpg::Cluster>& clusters = target.plane->clusters();
  ASSIGN_OR_RETURN(target.cluster,
                   fresh ? clusters.GetDirectly(target.cluster_key, target.call)
                         : clusters.Get(target.cluster_key, target.call));
  if (target.cluster == nullptr) {
    return cnpg::ClusterNotFound(target.cluster_key.namespace_name,
                                 target.cluster_key.name);
  }
  return target;
}

absl::StatusOr<DatabaseService::DatabasePointer> DatabaseService::FindDatabase(
    const Target& target, const std::string& database) {
  ASSIGN_OR_RETURN(std::vector<DatabasePointer> objects,
                   target.plane->databases().ListDirectly(
                       {.namespace_name = target.cluster_key.namespace_name},
                       target.call, [&](const cnpg::Database& object) {
                         return object.cluster_name ==
                                    target.cluster_key.name &&
                                object.name == database;
                       }));
  // Should there be several, the one that the operator obeys.
  DatabasePointer best;
  for (const DatabasePointer& object : objects) {
    if (best == nullptr || (best->state == DatabaseState::kFailed &&
                            object->state != DatabaseState::kFailed)) {
      best = object;
    }
  }
  return best;
}

absl::StatusOr<pb::ListDatabasesResponse> DatabaseService::ListDatabases(
    const CallContext& context, const pb::ListDatabasesRequest& request) {
  ASSIGN_OR_RETURN(Target target,
                   FindTarget(context, request, /*fresh=*/false));
  const ObjectKey& key = target.cluster_key;
  std::string arguments =
      absl::StrCat("databases/", key.namespace_name, "/", key.name);
  ASSIGN_OR_RETURN(std::string after,
                   ReadPageToken(request.page_token(), arguments));
  size_t page_size =
      request.page_size() > 0 ? request.page_size() : kDefaultPageSize;
  // In the order of the objects' names, which are unique; databases may not be.
  // One more than the page has tells whether another follows.
  ListRange range{.namespace_name = key.namespace_name, .most = page_size + 1};
  if (!after.empty()) range.after = {key.namespace_name, after};
  ASSIGN_OR_RETURN(std::vector<DatabasePointer> objects,
                   target.plane->databases().List(
                       range, target.call, [&](const cnpg::Database& object) {
                         return object.cluster_name == key.name;
                       }));
  pb::ListDatabasesResponse response;
  if (objects.size() > page_size) {
    objects.pop_back();
    response.set_next_page_token(
        MakePageToken(objects.back()->meta.name, arguments));
  }
  for (const DatabasePointer& object : objects) {
    *response.add_databases() = ToProto(*object);
  }
  int count = response.databases_size();
  bool whole = after.empty() && response.next_page_token().empty();
  response.set_count(count);
  response.set_cluster_name(key.name);
  response.set_namespace_(key.namespace_name);
  std::string application;
  if (!target.cluster->application_database.empty()) {
    application = absl::StrCat(", besides the application database \"",
                               target.cluster->application_database, "\"");
  }
  response.set_summary(absl::StrCat(
      "Cluster ", key.namespace_name, "/", key.name, " has ",
      count == 0 ? "no" : absl::StrCat(count), " managed database",
      count == 1 ? "" : "s", whole ? "" : " on this page", application, "."));
  return response;
}

void DatabaseService::CreateDatabase(const CallContext& context,
                                     const pb::CreateDatabaseRequest& request,
                                     Reply<pb::CreateDatabaseResponse> reply) {
  Conclude(waiter_, context, BeginCreate(context, request), std::move(reply));
}

absl::StatusOr<Settling<pb::CreateDatabaseResponse>>
DatabaseService::BeginCreate(const CallContext& context,
                             const pb::CreateDatabaseRequest& request) {
  const std::string& name = request.database_name();
  if (cnpg::IsReservedDatabase(name)) return cnpg::DatabaseReserved(name);
  ASSIGN_OR_RETURN(Target target, FindTarget(context, request, /*fresh=*/true));
  if (target.cluster->meta.deleting) {
    return cnpg::ClusterBeingDeleted(target.cluster_key.namespace_name,
                                     target.cluster_key.name);
  }
  if (name == target.cluster->application_database) {
    return cnpg::DatabaseExists(target.cluster_key.name, name,
                                " as the application database that was made "
                                "with the cluster");
  }
  pb::CreateDatabaseResponse response;
  ASSIGN_OR_RETURN(
      std::vector<LocatedRole> roles,
      services::ListRoles(*target.plane, *target.cluster, target.call));
  if (request.owner() != target.cluster->application_owner &&
      request.owner() != "postgres" && !IsManaged(roles, request.owner())) {
    response.add_warnings(absl::StrCat(
        "Role \"", request.owner(),
        "\" is not managed by this cluster; it must exist in PostgreSQL for "
        "the database to be made. create_postgres_role makes a role."));
  }
  ASSIGN_OR_RETURN(DatabasePointer existing, FindDatabase(target, name));
  if (existing != nullptr) RETURN_IF_ERROR(MayCreate(*existing, request));
  DatabasePointer declared = existing;
  if (declared == nullptr) {
    ASSIGN_OR_RETURN(declared, Declare(target, request, response));
  }
  if (request.dry_run()) {
    response.set_dry_run(true);
    response.set_summary(absl::StrCat(
        "Dry run: database \"", name, "\" with owner \"", request.owner(),
        "\" would be created in ", ClusterText(target.cluster_key),
        ". Nothing was changed."));
    *response.mutable_database() = ToProto(*declared);
    return response;
  }
  return Then<pb::CreateDatabaseResponse, DatabasePointer>(
      Settle(target, *declared),
      [response, where = ClusterText(target.cluster_key)](
          const DatabasePointer& settled) mutable
      -> absl::StatusOr<pb::CreateDatabaseResponse> {
        response.set_summary(CreatedSummary(where, *settled));
        *response.mutable_database() = ToProto(*settled);
        return std::move(response);
      });
}

absl::StatusOr<DatabaseService::DatabasePointer> DatabaseService::Declare(
    const Target& target, const pb::CreateDatabaseRequest& request,
    pb::CreateDatabaseResponse& response) {
  cnpg::DatabaseSpec spec;
  spec.namespace_name = target.cluster_key.namespace_name;
  spec.cluster_name = target.cluster_key.name;
  spec.name = request.database_name();
  spec.owner = request.owner();
  spec.drop_on_delete = request.reclaim_policy() == pb::RECLAIM_POLICY_DELETE;
  spec.request_id = request.request_id();
  if (!spec.request_id.empty()) spec.request_digest = DigestOf(request);
  for (const std::string& name :
       cnpg::ObjectNames(spec.cluster_name, spec.name)) {
    spec.object_name = name;
    nlohmann::json manifest = cnpg::DatabaseManifest(spec);
    ObjectKey key{spec.namespace_name, name};
    absl::StatusOr<kubernetes::Written> written =
        target.plane->api().Create(kDatabases, spec.namespace_name, manifest,
                                   {.dry_run = request.dry_run()}, target.call);
    if (absl::IsAlreadyExists(written.status())) {
      ASSIGN_OR_RETURN(DatabasePointer taken,
                       target.plane->databases().GetDirectly(key, target.call));
      // The name of another cluster's database, or of another database.
      bool same = taken != nullptr && taken->name == spec.name &&
                  taken->cluster_name == spec.cluster_name;
      if (!same) continue;
      RETURN_IF_ERROR(MayCreate(*taken, request));
      return taken;
    }
    if (!written.ok()) return written.status();
    for (std::string& warning : written->warnings) {
      response.add_warnings(std::move(warning));
    }
    ASSIGN_OR_RETURN(cnpg::Database made,
                     cnpg::ReadDatabase(JsonText(written->object)));
    if (request.dry_run()) {
      response.set_manifest(cnpg::ToYaml(manifest));
    } else {
      target.plane->ledger().Wrote(kDatabases.plural, key,
                                   made.meta.resource_version);
    }
    return std::make_shared<const cnpg::Database>(std::move(made));
  }
  return cnpg::DatabaseExists(spec.cluster_name, spec.name,
                              ": every name for its object is taken");
}

Settling<DatabaseService::DatabasePointer> DatabaseService::Settle(
    const Target& target, const cnpg::Database& declared) {
  auto now = std::make_shared<cnpg::Database>(declared);
  // A failure that was there before this call may be about to be over.
  std::string old_failure =
      declared.state == DatabaseState::kFailed ? declared.message : "";
  SettleWait wait = target.plane->databases().Awaits(
      {declared.meta.namespace_name, declared.meta.name},
      declared.meta.resource_version, absl::Now() + options_.settle,
      [now, old_failure](const cnpg::Database* database) {
        if (database == nullptr) return false;
        *now = *database;
        if (now->state == DatabaseState::kFailed) {
          return now->message != old_failure;
        }
        return now->state == DatabaseState::kApplied;
      });
  return {std::move(wait),
          [now, cluster = target.cluster_key.name](
              bool) -> absl::StatusOr<DatabasePointer> {
            if (now->state == DatabaseState::kFailed) {
              return cnpg::DatabaseNotApplied(cluster, now->name, now->message);
            }
            return now;
          }};
}

void DatabaseService::DeleteDatabase(const CallContext& context,
                                     const pb::DeleteDatabaseRequest& request,
                                     Reply<pb::DeleteDatabaseResponse> reply) {
  Conclude(waiter_, context, BeginDelete(context, request), std::move(reply));
}

absl::StatusOr<Settling<pb::DeleteDatabaseResponse>>
DatabaseService::BeginDelete(const CallContext& context,
                             const pb::DeleteDatabaseRequest& request) {
  const std::string& name = request.database_name();
  if (cnpg::IsReservedDatabase(name)) return cnpg::DatabaseReserved(name);
  ASSIGN_OR_RETURN(Target target, FindTarget(context, request, /*fresh=*/true));
  ASSIGN_OR_RETURN(DatabasePointer database, FindDatabase(target, name));
  if (database == nullptr) {
    return cnpg::DatabaseNotFound(target.cluster_key.name, name);
  }
  if (!request.etag().empty() &&
      request.etag() != database->meta.resource_version) {
    return cnpg::EtagMismatch("Database", name);
  }
  bool drop = database->drop_on_delete;
  pb::DeleteDatabaseResponse response;
  response.set_database_name(name);
  if (drop) response.add_losses(DeletionLoss(*database));
  if (drop && !request.dry_run() && !request.confirm_deletion()) {
    return cnpg::ConfirmationRequired(absl::StrCat("database \"", name, "\""),
                                      {DeletionLoss(*database)});
  }
  // The reclaim policy decides what is lost, so the object must still be as it
  // was when it was read; a change of its status alone is tried again.
  ObjectKey key{database->meta.namespace_name, database->meta.name};
  kubernetes::DeleteOptions options;
  options.dry_run = request.dry_run();
  options.uid = database->meta.uid;
  options.resource_version = database->meta.resource_version;
  absl::Status deleted =
      target.plane->api().Delete(kDatabases, key, options, target.call);
  for (int i = 0; i < 5 && absl::IsAborted(deleted) && request.etag().empty();
       ++i) {
    ASSIGN_OR_RETURN(DatabasePointer now,
                     target.plane->databases().GetDirectly(key, target.call));
    bool same = now != nullptr && now->meta.uid == database->meta.uid &&
                now->drop_on_delete == drop;
    if (!same) break;
    options.resource_version = now->meta.resource_version;
    deleted = target.plane->api().Delete(kDatabases, key, options, target.call);
  }
  if (absl::IsAborted(deleted)) return cnpg::EtagMismatch("Database", name);
  if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;

  std::string where = ClusterText(target.cluster_key);
  if (request.dry_run()) {
    response.set_dry_run(true);
    response.set_dropped(drop);
    response.set_summary(absl::StrCat(
        "Dry run: database \"", name, "\" would ",
        drop ? absl::StrCat("be dropped from ", where, " with all its data")
             : absl::StrCat("no longer be managed, and stay in PostgreSQL of ",
                            where),
        ". Nothing was changed."));
    return response;
  }
  target.plane->ledger().Deleted(kDatabases.plural, key, database->meta.uid);
  return Then<pb::DeleteDatabaseResponse, bool>(
      AwaitDeletion(target, database),
      [response, where, name,
       drop](bool gone) mutable -> absl::StatusOr<pb::DeleteDatabaseResponse> {
        response.set_dropped(drop && gone);
        response.set_summary(DeletedSummary(where, name, drop, gone));
        return std::move(response);
      });
}

Settling<bool> DatabaseService::AwaitDeletion(const Target& target,
                                              const DatabasePointer& database) {
  ObjectKey key{database->meta.namespace_name, database->meta.name};
  auto is_gone = [uid = database->meta.uid](const cnpg::Database* now) {
    return now == nullptr || now->meta.uid != uid;
  };
  auto refusal = std::make_shared<std::string>();
  SettleWait wait = target.plane->databases().Awaits(
      key, database->meta.resource_version, absl::Now() + options_.settle,
      [=](const cnpg::Database* now) {
        if (is_gone(now)) return true;
        bool news = now->meta.deleting && now->message != database->message;
        if (news) *refusal = now->message;
        return !refusal->empty();
      });
  return {std::move(wait), [=](bool) -> absl::StatusOr<bool> {
            bool gone = false;
            if (refusal->empty()) {
              // The cache may never have had the object.
              ASSIGN_OR_RETURN(
                  DatabasePointer left,
                  target.plane->databases().GetDirectly(key, target.call));
              gone = is_gone(left.get());
              if (!gone && database->drop_on_delete) *refusal = left->message;
            }
            if (!gone && !refusal->empty()) {
              return cnpg::DatabaseNotDropped(target.cluster_key.name,
                                              database->name, *refusal);
            }
            return gone;
          }};
}

}  // namespace howdah::services

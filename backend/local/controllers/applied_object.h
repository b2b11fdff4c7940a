// What Database and DatabaseRole objects have in common: a cluster, a name
// inside PostgreSQL, status.applied, and a finalizer that may drop the thing.
//
//   AppliedObject object(environment, kDatabases, "cnpg.io/deleteDatabase");
//   return object.Reconcile(ns, name, apply, drop);
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_APPLIED_OBJECT_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_APPLIED_OBJECT_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/local/controllers/environment.h"
#include "backend/local/controllers/primary_connection.h"
#include "backend/local/controllers/work_queue.h"

namespace howdah::local::controllers {

// How one kind of object differs from another.
struct AppliedKind {
  ResourceType type;
  std::string kind;       // "Database"
  std::string finalizer;  // "cnpg.io/deleteDatabase"
  std::string policy;     // "databaseReclaimPolicy"
  // Makes it so; may add members to the status. An error becomes the message.
  std::function<absl::Status(const Primary&, const Json& object, Json& status)>
      apply;
  // Drops it, or does nothing if it is gone.
  std::function<absl::Status(const Primary&, const Json& object)> drop;
  // Whether something in the status is out of date although the spec is not.
  std::function<bool(const Json& object)> is_stale;
  // Why the object may not manage its thing; empty if it may.
  std::function<std::string(const Json& object, const Json& cluster)> conflict;
};

// Threads: safe for different objects. Owns: nothing.
class AppliedObject {
 public:
  AppliedObject(Environment& environment, AppliedKind kind);

  absl::StatusOr<Again> Reconcile(const std::string& namespace_name,
                                  const std::string& name);

 private:
  absl::StatusOr<Again> Finalise(const Json& object);
  absl::StatusOr<Again> Apply(const Json& object);
  std::string ConflictOf(const Json& object, const Json& cluster);
  absl::Status SetFinalizer(const Json& object, bool present);
  absl::Status WriteFailure(const Json& object, absl::string_view message);

  Environment& environment_;
  const AppliedKind kind_;
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_APPLIED_OBJECT_H_

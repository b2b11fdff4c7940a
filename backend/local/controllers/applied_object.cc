#include "backend/local/controllers/applied_object.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/local/postgres/errors.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

// As the operator says it.
constexpr char kClusterDeleted[] =
    "cluster resource has been deleted, skipping reconciliation";
constexpr absl::Duration kRetry = absl::Seconds(5);
constexpr absl::Duration kNoPrimary = absl::Seconds(1);

std::string ClusterOf(const Json& object) {
  return Text(Child(Child(object, "spec"), "cluster"), "name");
}

std::string NameInPostgres(const Json& object) {
  return Text(Child(object, "spec"), "name");
}

bool HasFinalizer(const Json& object, const std::string& finalizer) {
  auto list = Metadata(object).find("finalizers");
  return list != Metadata(object).end() && list->is_array() &&
         std::find(list->begin(), list->end(), finalizer) != list->end();
}

bool IsApplied(const Json& object) {
  const Json& status = Child(object, "status");
  return Flag(status, "applied", false) &&
         Number(status, "observedGeneration", 0) ==
             Number(Metadata(object), "generation", 1);
}

// Who was first manages it; of two made at once, the first by name.
bool ComesFirst(const Json& a, const Json& b) {
  auto key = [](const Json& object) {
    return std::make_tuple(
        Number(Child(object, "status"), "observedGeneration", 0) == 0,
        Text(Metadata(object), "creationTimestamp"),
        Text(Metadata(object), "name"));
  };
  return key(a) < key(b);
}

}  // namespace

AppliedObject::AppliedObject(Environment& environment, AppliedKind kind)
    : environment_(environment), kind_(std::move(kind)) {}

absl::StatusOr<Again> AppliedObject::Reconcile(
    const std::string& namespace_name, const std::string& name) {
  absl::StatusOr<Json> object =
      environment_.store.Get(kind_.type, namespace_name, name);
  if (absl::IsNotFound(object.status())) return Again();
  RETURN_IF_ERROR(object.status());
  absl::StatusOr<Again> again = Metadata(*object).contains("deletionTimestamp")
                                    ? Finalise(*object)
                                    : Apply(*object);
  // The object was removed meanwhile.
  if (absl::IsNotFound(again.status())) return Again();
  return again;
}

std::string AppliedObject::ConflictOf(const Json& object, const Json& cluster) {
  if (std::string reason = kind_.conflict(object, cluster); !reason.empty()) {
    return reason;
  }
  const std::string ns = Text(Metadata(object), "namespace");
  absl::StatusOr<ObjectStore::Listing> all =
      environment_.store.List(kind_.type, ns);
  if (!all.ok()) return "";
  for (const Json& other : all->items) {
    if (ClusterOf(other) != ClusterOf(object) ||
        NameInPostgres(other) != NameInPostgres(object) ||
        Text(Metadata(other), "uid") == Text(Metadata(object), "uid")) {
      continue;
    }
    if (ComesFirst(other, object)) {
      return absl::StrCat("reconciliation error: ", kind_.kind, " \"",
                          NameInPostgres(object), "\" is already managed by ",
                          kind_.kind, " object \"",
                          Text(Metadata(other), "name"), "\"");
    }
  }
  return "";
}

absl::Status AppliedObject::SetFinalizer(const Json& object, bool present) {
  if (HasFinalizer(object, kind_.finalizer) == present) return absl::OkStatus();
  return environment_.store
      .Update(kind_.type, Text(Metadata(object), "namespace"),
              Text(Metadata(object), "name"),
              [&](Json& edited) {
                Json kept = Json::array();
                for (const Json& finalizer :
                     edited["metadata"].value("finalizers", Json::array())) {
                  if (finalizer != kind_.finalizer) kept.push_back(finalizer);
                }
                if (present) kept.push_back(kind_.finalizer);
                edited["metadata"]["finalizers"] = kept;
                return absl::OkStatus();
              })
      .status();
}

absl::Status AppliedObject::WriteFailure(const Json& object,
                                         absl::string_view message) {
  return environment_.store
      .Update(kind_.type, Text(Metadata(object), "namespace"),
              Text(Metadata(object), "name"),
              [&](Json& edited) {
                edited["status"]["applied"] = false;
                edited["status"]["message"] = std::string(message);
                return absl::OkStatus();
              })
      .status();
}

absl::StatusOr<Again> AppliedObject::Finalise(const Json& object) {
  if (!HasFinalizer(object, kind_.finalizer)) return Again();
  const bool drops = Text(Child(object, "spec"), kind_.policy) == "delete";
  absl::StatusOr<Primary> primary = FindPrimary(
      environment_, Text(Metadata(object), "namespace"), ClusterOf(object));
  const bool cluster_gone = absl::IsNotFound(primary.status());
  if (drops && !cluster_gone) {
    if (!primary.ok()) return Again(kNoPrimary);
    // One that never managed the thing must not take it away.
    if (ConflictOf(object, primary->cluster).empty()) {
      absl::Status dropped = kind_.drop(*primary, object);
      if (!dropped.ok()) {
        RETURN_IF_ERROR(WriteFailure(object, postgres::FullMessage(dropped)));
        return Again(kRetry);
      }
    }
  }
  RETURN_IF_ERROR(SetFinalizer(object, false));
  return Again();
}

absl::StatusOr<Again> AppliedObject::Apply(const Json& object) {
  const std::string ns = Text(Metadata(object), "namespace");
  absl::StatusOr<Primary> primary =
      FindPrimary(environment_, ns, ClusterOf(object));
  if (absl::IsNotFound(primary.status())) {
    // The finalizer goes with the first look after the cluster's end. Of a
    // cluster that never was there is nobody to say anything.
    if (!HasFinalizer(object, kind_.finalizer)) return Again();
    RETURN_IF_ERROR(SetFinalizer(object, false));
    RETURN_IF_ERROR(WriteFailure(object, kClusterDeleted));
    return Again();
  }
  if (!primary.ok()) return Again(kNoPrimary);
  const std::string conflict = ConflictOf(object, primary->cluster);
  if (!conflict.empty()) {
    RETURN_IF_ERROR(WriteFailure(object, conflict));
    return Again(kRetry);
  }
  if (IsApplied(object) && !kind_.is_stale(object)) return Again();
  RETURN_IF_ERROR(SetFinalizer(object, true));
  Json added = Json::object();
  absl::Status applied = kind_.apply(*primary, object, added);
  if (absl::IsUnavailable(applied)) return Again(kNoPrimary);
  const int64_t generation = Number(Metadata(object), "generation", 1);
  RETURN_IF_ERROR(environment_.store
                      .Update(kind_.type, ns, Text(Metadata(object), "name"),
                              [&](Json& edited) {
                                Json& status = edited["status"];
                                if (!status.is_object()) {
                                  status = Json::object();
                                }
                                status.update(added);
                                status["applied"] = applied.ok();
                                if (applied.ok()) {
                                  status["observedGeneration"] = generation;
                                  status.erase("message");
                                } else {
                                  status["message"] =
                                      postgres::FullMessage(applied);
                                }
                                return absl::OkStatus();
                              })
                      .status());
  return applied.ok() ? Again() : Again(kRetry);
}

}  // namespace howdah::local::controllers

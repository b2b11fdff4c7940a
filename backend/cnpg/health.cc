#include "backend/cnpg/health.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace howdah::cnpg {
namespace {

enum class PhaseKind { kHealthy, kWorking, kWaiting, kStuck, kUnknown };

struct PhaseFact {
  absl::string_view phase;
  PhaseKind kind;
};

// Every phase that the operator writes, as it spells them.
constexpr PhaseFact kPhases[] = {
    {kHealthyPhase, PhaseKind::kHealthy},
    {"Switchover in progress", PhaseKind::kWorking},
    {"Failing over", PhaseKind::kWorking},
    {"Setting up primary", PhaseKind::kWorking},
    {"Creating a new replica", PhaseKind::kWorking},
    {"Upgrading cluster", PhaseKind::kWorking},
    {"Upgrading Postgres major version", PhaseKind::kWorking},
    {"Cluster upgrade delayed", PhaseKind::kWorking},
    {"Waiting for user action", PhaseKind::kWaiting},
    {"Primary instance is being restarted in-place", PhaseKind::kWorking},
    {"Primary instance is being restarted without a switchover",
     PhaseKind::kWorking},
    {"Cluster cannot proceed to reconciliation due to an unknown plugin being "
     "required",
     PhaseKind::kStuck},
    {"Cluster cannot proceed to reconciliation due to an error while "
     "interacting with plugins",
     PhaseKind::kStuck},
    {"Cluster has incomplete or invalid image catalog", PhaseKind::kStuck},
    {"Cluster is unrecoverable and needs manual intervention",
     PhaseKind::kStuck},
    {"Cluster cannot execute instance online upgrade due to missing "
     "architecture binary",
     PhaseKind::kStuck},
    {"Waiting for the instances to become active", PhaseKind::kWorking},
    {"Online upgrade in progress", PhaseKind::kWorking},
    {"Applying configuration", PhaseKind::kWorking},
    {"Promoting to primary cluster", PhaseKind::kWorking},
    {"Unable to create required cluster objects", PhaseKind::kStuck},
    {"Invalid cluster definition", PhaseKind::kStuck},
    {"Not enough disk space", PhaseKind::kStuck},
};

PhaseKind KindOfPhase(absl::string_view phase) {
  // Nothing is written yet: the operator has not begun.
  if (phase.empty()) return PhaseKind::kWorking;
  for (const PhaseFact& fact : kPhases) {
    if (fact.phase == phase) return fact.kind;
  }
  return PhaseKind::kUnknown;
}

bool IsHibernated(const Cluster& cluster) {
  const Condition* condition = FindCondition(cluster, "cnpg.io/hibernation");
  return condition != nullptr && condition->status == "True";
}

bool IsFenced(const Cluster& cluster, absl::string_view instance) {
  return absl::c_any_of(cluster.fenced, [&](const std::string& name) {
    return name == "*" || name == instance;
  });
}

// Whether the primary has failed and none has taken over yet.
bool IsFailingOver(const Cluster& cluster) {
  return cluster.phase == "Failing over" &&
         cluster.target_primary != cluster.current_primary;
}

bool ConditionIs(const Cluster& cluster, absl::string_view type,
                 absl::string_view status) {
  const Condition* condition = FindCondition(cluster, type);
  return condition != nullptr && condition->status == status;
}

// Collects problems; each finding is one function over the cluster.
class Examination {
 public:
  explicit Examination(const Cluster& cluster) : cluster_(cluster) {}

  std::vector<Problem> Run() {
    ExaminePhase();
    ExamineInstances();
    ExamineFencing();
    ExamineBackups();
    ExamineIdentity();
    ExamineDeclared();
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const Problem& a, const Problem& b) {
                       return a.critical > b.critical;
                     });
    return std::move(problems_);
  }

 private:
  void Add(bool critical, absl::string_view reason, std::string message,
           std::string advice) {
    problems_.push_back(
        {critical, reason, std::move(message), std::move(advice)});
  }

  void ExaminePhase() {
    std::string because = cluster_.phase_reason.empty()
                              ? ""
                              : absl::StrCat(" (", cluster_.phase_reason, ")");
    switch (KindOfPhase(cluster_.phase)) {
      case PhaseKind::kStuck:
        Add(true, "PHASE_STUCK",
            absl::StrCat("The operator cannot go on: ", cluster_.phase, because,
                         "."),
            cluster_.phase == "Not enough disk space"
                ? "Enlarge the storage of the cluster, or find out what keeps "
                  "WAL files, for example a failing archive or an unused "
                  "replication slot."
                : "Look at the events of the cluster and at the operator's "
                  "log.");
        break;
      case PhaseKind::kWaiting:
        Add(false, "WAITING_FOR_USER",
            absl::StrCat("The operator waits for a person", because, "."),
            "Start the switchover or restart that it waits for.");
        break;
      case PhaseKind::kUnknown:
        Add(false, "PHASE_UNKNOWN",
            absl::StrCat("The operator reports a phase that this server does "
                         "not know: ",
                         cluster_.phase, because, "."),
            "Judge by the operator's documentation; the operator may be newer "
            "than this server.");
        break;
      case PhaseKind::kHealthy:
      case PhaseKind::kWorking:
        break;
    }
    if (IsFailingOver(cluster_)) {
      Add(true, "FAILING_OVER",
          "The primary has failed and a replica is being promoted.",
          "Wait; writes work again once the promotion is done.");
    }
    if (cluster_.reconciliation_disabled) {
      Add(false, "RECONCILIATION_DISABLED",
          "The operator is told to leave this cluster alone, so no change and "
          "no failover happens.",
          "Remove the annotation cnpg.io/reconciliationLoop.");
    }
  }

  void ExamineInstances() {
    if (IsHibernated(cluster_) || cluster_.hibernation_wanted) return;
    bool settled = KindOfPhase(cluster_.phase) != PhaseKind::kWorking;
    if (!cluster_.primary_failing_since.empty()) {
      Add(true, "PRIMARY_FAILING",
          absl::StrCat("The primary ", cluster_.current_primary,
                       " has been failing since ",
                       cluster_.primary_failing_since, "."),
          "Wait for the failover; if none comes, look at the instance's log.");
    } else if (settled && cluster_.ready_instances == 0 &&
               cluster_.instances > 0) {
      Add(true, "NO_INSTANCE_READY", "No instance is ready.",
          "Look at the events and at the log of the instances.");
    } else if (settled && cluster_.current_primary.empty()) {
      Add(true, "NO_PRIMARY", "No instance takes writes.",
          "Look at the events of the cluster.");
    }
    if (settled && cluster_.ready_instances > 0 &&
        cluster_.ready_instances < cluster_.status_instances) {
      Add(false, "INSTANCES_NOT_READY",
          absl::StrCat(cluster_.status_instances - cluster_.ready_instances,
                       " of ", cluster_.status_instances,
                       " instances are not ready."),
          "Look at the events and at the log of the instances that are not "
          "ready.");
    }
    for (const InstanceState& instance : cluster_.instance_states) {
      if (instance.state != "failed" || IsFenced(cluster_, instance.name)) {
        continue;
      }
      Add(instance.primary, "INSTANCE_FAILED",
          absl::StrCat("Instance ", instance.name, " has failed."),
          "Look at the log of the instance.");
    }
    if (!cluster_.unusable_volumes.empty()) {
      Add(false, "VOLUMES_UNUSABLE",
          absl::StrCat("Volumes cannot be used: ",
                       absl::StrJoin(cluster_.unusable_volumes, ", "), "."),
          "A volume of an instance is missing; let the operator make the "
          "instance anew.");
    }
  }

  void ExamineFencing() {
    if (cluster_.fenced.empty()) return;
    bool primary = IsFenced(cluster_, cluster_.current_primary);
    bool all = absl::c_linear_search(cluster_.fenced, "*");
    Add(primary, primary ? "PRIMARY_FENCED" : "INSTANCES_FENCED",
        all ? "All instances are fenced: PostgreSQL is stopped on purpose."
            : absl::StrCat("Fenced, PostgreSQL is stopped on purpose: ",
                           absl::StrJoin(cluster_.fenced, ", "), "."),
        primary ? "Lift the fence; no failover happens while it is there."
                : "Lift the fence when the work on it is done.");
  }

  void ExamineBackups() {
    const Condition* archiving = FindCondition(cluster_, "ContinuousArchiving");
    if (archiving != nullptr && archiving->status == "False") {
      Add(false, "ARCHIVING_FAILING",
          absl::StrCat("WAL archiving fails: ", archiving->message,
                       archiving->message.empty() ? "the operator gives no "
                                                    "reason."
                                                  : ""),
          "Check the object store and its credentials: point-in-time recovery "
          "stops where the archive stops, and WAL fills the volume.");
    }
    const Condition* backup = FindCondition(cluster_, "LastBackupSucceeded");
    if (backup != nullptr && backup->status == "False" &&
        backup->reason != "BackupStarted") {
      Add(false, "LAST_BACKUP_FAILED",
          absl::StrCat("The last base backup failed: ", backup->message),
          "Look at the Backup object and take a new backup.");
    }
  }

  void ExamineIdentity() {
    if (ConditionIs(cluster_, "ConsistentSystemID", "False")) {
      Add(true, "SYSTEM_ID_DIFFERS",
          "Instances belong to different PostgreSQL systems.",
          "Find the instance whose volume comes from another cluster and let "
          "it be made anew.");
    }
    if (ConditionIs(cluster_, "SyncReplicationTopologySatisfied", "False")) {
      Add(false, "SYNC_REPLICATION_UNSATISFIED",
          "The wanted topology of synchronous replication is not reached.",
          "Check that enough nodes in different failure domains are "
          "available.");
    }
    if (KindOfPhase(cluster_.phase) == PhaseKind::kHealthy &&
        ConditionIs(cluster_, "Ready", "False") &&
        !cluster_.hibernation_wanted) {
      const Condition* ready = FindCondition(cluster_, "Ready");
      Add(false, "NOT_READY",
          absl::StrCat("The phase says healthy but the condition Ready is "
                       "false: ",
                       ready->message),
          "Look at the events of the cluster.");
    }
  }

  void ExamineDeclared() {
    for (const ManagedRole& role : cluster_.roles) {
      if (role.state != RoleState::kFailed) continue;
      Add(false, "ROLE_NOT_RECONCILED",
          absl::StrCat("Role \"", role.name,
                       "\" cannot be reconciled: ", role.message),
          role.absent ? "Give its objects to another role or drop them; the "
                        "operator then drops the role."
                      : "Correct the role's definition.");
    }
    for (const std::string& tablespace : cluster_.failed_tablespaces) {
      Add(false, "TABLESPACE_NOT_RECONCILED",
          absl::StrCat("Tablespace ", tablespace),
          "Correct the tablespace's definition.");
    }
  }

  const Cluster& cluster_;
  std::vector<Problem> problems_;
};

// Whether the operator still has to act on the specification. The status has no
// observedGeneration, so the numbers themselves are compared.
bool IsProgressing(const Cluster& cluster) {
  PhaseKind kind = KindOfPhase(cluster.phase);
  if (kind == PhaseKind::kWorking) return true;
  if (kind != PhaseKind::kHealthy) return false;
  if (cluster.instances != cluster.status_instances) return true;
  if (cluster.target_primary != cluster.current_primary &&
      !cluster.target_primary.empty()) {
    return true;
  }
  return ConditionIs(cluster, "Initialized", "False") ||
         cluster.hibernation_wanted != IsHibernated(cluster);
}

// Whether somebody can read and write.
bool Serves(const Cluster& cluster) { return !WritingPrimary(cluster).empty(); }

Health Judge(const Cluster& cluster, const std::vector<Problem>& problems) {
  if (cluster.meta.deleting) return Health::kDeleting;
  if (IsHibernated(cluster) && cluster.hibernation_wanted) {
    return Health::kHibernated;
  }
  bool critical = !problems.empty() && problems.front().critical;
  bool progressing = IsProgressing(cluster);
  if (critical && !Serves(cluster)) return Health::kUnhealthy;
  if (KindOfPhase(cluster.phase) == PhaseKind::kStuck && !Serves(cluster)) {
    return Health::kUnhealthy;
  }
  if (critical) return Health::kDegraded;
  if (progressing) return Health::kProgressing;
  if (!Serves(cluster)) return Health::kUnhealthy;
  return problems.empty() ? Health::kHealthy : Health::kDegraded;
}

std::string Readiness(const Cluster& cluster) {
  if (cluster.ready_instances > cluster.instances) {
    return absl::StrCat(cluster.ready_instances, " instances ready, ",
                        cluster.instances, " wanted");
  }
  return absl::StrCat(cluster.ready_instances, " of ", cluster.instances,
                      cluster.instances == 1 ? " instance" : " instances",
                      " ready");
}

std::string Summarize(const Cluster& cluster, const HealthReport& report) {
  std::string who =
      absl::StrCat("Cluster ", cluster.meta.namespace_name, "/",
                   cluster.meta.name, " is ", HealthWord(report.health));
  switch (report.health) {
    case Health::kDeleting:
      return absl::StrCat(who, ".");
    case Health::kHibernated:
      return absl::StrCat(who, ": no instance runs, the data is kept.");
    case Health::kHealthy:
      return absl::StrCat(who, ": ", Readiness(cluster), ", primary ",
                          cluster.current_primary, ".");
    case Health::kProgressing: {
      std::string phase = cluster.phase;
      if (phase.empty()) phase = "the operator has not begun yet";
      if (phase == kHealthyPhase) phase = "the operator has yet to act";
      if (!cluster.phase_reason.empty()) {
        absl::StrAppend(&phase, ": ", cluster.phase_reason);
      }
      return absl::StrCat(
          who, " (", phase, "): ", Readiness(cluster),
          report.problems.empty()
              ? ""
              : absl::StrCat(". ", report.problems.front().message),
          report.problems.empty() ? "." : "");
    }
    case Health::kDegraded:
    case Health::kUnhealthy:
      break;
  }
  std::string more;
  if (report.problems.size() > 1) {
    more = absl::StrCat(" And ", report.problems.size() - 1, " more problem",
                        report.problems.size() > 2 ? "s." : ".");
  }
  return absl::StrCat(
      who, ": ", Readiness(cluster), ". ",
      report.problems.empty() ? "" : report.problems.front().message, more);
}

}  // namespace

absl::string_view WritingPrimary(const Cluster& cluster) {
  const bool writes =
      cluster.ready_instances > 0 && cluster.primary_failing_since.empty() &&
      !IsFailingOver(cluster) && !IsFenced(cluster, cluster.current_primary);
  return writes ? absl::string_view(cluster.current_primary) : "";
}

absl::string_view HealthWord(Health health) {
  switch (health) {
    case Health::kHealthy:
      return "healthy";
    case Health::kProgressing:
      return "progressing";
    case Health::kDegraded:
      return "degraded";
    case Health::kUnhealthy:
      return "unhealthy";
    case Health::kHibernated:
      return "hibernated";
    case Health::kDeleting:
      return "being deleted";
  }
  return "unknown";
}

bool IsStuckPhase(absl::string_view phase) {
  return KindOfPhase(phase) == PhaseKind::kStuck;
}

HealthReport Assess(const Cluster& cluster) {
  HealthReport report;
  report.problems = Examination(cluster).Run();
  report.health = Judge(cluster, report.problems);
  report.summary = Summarize(cluster, report);
  return report;
}

}  // namespace howdah::cnpg

#include "backend/local/controllers/cluster_plan.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/local/postgres/server_config.h"

namespace howdah::local::controllers {
namespace {

constexpr int kMaxFailedStarts = 3;

bool IsPrimary(const InstanceView& instance) {
  return instance.answers && !instance.in_recovery;
}

// A replica that could take over.
bool CanTakeOver(const InstanceView& instance) {
  return instance.answers && instance.in_recovery && !instance.fenced &&
         !instance.discard_asked;
}

// Builds one plan; the parts are called in the order of their importance and
// stop it when what follows makes no sense yet.
class Planner {
 public:
  explicit Planner(const ClusterView& view) : view_(view) {
    plan_.current_primary = view.current_primary;
    plan_.target_primary = view.target_primary;
  }

  Plan Make() {
    if (!view_.cannot_run.empty()) {
      // Its Pod shows why nothing begins.
      if (view_.instances.empty() && view_.current_primary.empty()) {
        AddInstance();
      }
      SetPhase(view_.current_primary.empty() ? kPhaseSettingUp : kPhaseWaiting,
               view_.cannot_run);
    } else if (view_.hibernate && !view_.current_primary.empty()) {
      Hibernate();
    } else if (view_.current_primary.empty()) {
      EndHanging();
      SetUpPrimary();
    } else {
      EndHanging();
      RunCluster();
    }
    if (!view_.complaint.empty() && plan_.phase == kPhaseHealthy) {
      plan_.phase = kPhaseUserAction;
      plan_.phase_reason = view_.complaint;
    }
    if (view_.disk_full && plan_.phase != kPhaseHealthy) {
      plan_.phase = kPhaseNoSpace;
    }
    if (!view_.trouble.empty() && plan_.phase != kPhaseHealthy) {
      plan_.phase_reason = view_.trouble;
    }
    return plan_;
  }

 private:
  const InstanceView* Find(absl::string_view name) const {
    for (const InstanceView& instance : view_.instances) {
      if (instance.name == name) return &instance;
    }
    return nullptr;
  }

  void Do(StepKind kind, const InstanceView& instance,
          absl::string_view upstream = "") {
    plan_.steps.push_back({kind, instance.name, std::string(upstream)});
  }

  // The first reason given stands: the parts run in the order of importance.
  void SetPhase(absl::string_view phase, absl::string_view reason = "") {
    if (!plan_.phase.empty()) return;
    plan_.phase = std::string(phase);
    plan_.phase_reason = std::string(reason);
  }

  // A server that hangs becomes a dead one, and what follows is as for any
  // that died; nobody can reach it, so it has nothing to lose by that.
  void EndHanging() {
    for (const InstanceView& instance : view_.instances) {
      if (instance.hangs && !instance.busy) {
        Do(StepKind::kEndProcesses, instance);
      }
    }
  }

  void Hibernate() {
    // Replicas first, so that they have everything the primary wrote.
    bool replicas_down = true;
    for (const InstanceView& instance : view_.instances) {
      if (instance.name == view_.current_primary || !instance.running) continue;
      replicas_down = false;
      if (!instance.busy) Do(StepKind::kStop, instance);
    }
    const InstanceView* primary = Find(view_.current_primary);
    if (replicas_down && primary != nullptr && primary->running &&
        !primary->busy) {
      Do(StepKind::kStop, *primary);
    }
    // As the operator: a hibernated cluster keeps its healthy phase.
    SetPhase(kPhaseHealthy);
  }

  void AddInstance() {
    std::set<int> taken;
    for (const InstanceView& instance : view_.instances) {
      taken.insert(instance.serial);
    }
    for (int serial : added_) taken.insert(serial);
    int serial = 1;
    while (taken.count(serial) > 0) ++serial;
    added_.push_back(serial);
    std::string name = absl::StrCat(view_.name, "-", serial);
    plan_.steps.push_back({StepKind::kAddInstance, name});
    if (plan_.target_primary.empty()) plan_.target_primary = name;
  }

  void SetUpPrimary() {
    if (view_.instances.empty()) AddInstance();
    if (plan_.target_primary.empty()) {
      plan_.target_primary = view_.instances.front().name;
    }
    SetPhase(kPhaseSettingUp,
             absl::StrCat("Creating primary instance ", plan_.target_primary));
    const InstanceView* primary = Find(plan_.target_primary);
    if (primary == nullptr) return;
    if (!primary->busy) {
      if (!primary->has_data) {
        Do(StepKind::kBootstrap, *primary);
      } else if (!primary->running) {
        Do(StepKind::kStart, *primary);
      } else if (IsPrimary(*primary) && !view_.initial_sql_done) {
        Do(StepKind::kInitialSql, *primary);
      }
    }
    if (IsPrimary(*primary)) {
      if (view_.initial_sql_done) plan_.current_primary = primary->name;
      KeepReplicas(*primary);
    }
  }

  void RunCluster() {
    if (plan_.target_primary.empty()) {
      plan_.target_primary = plan_.current_primary;
    }
    if (plan_.target_primary != plan_.current_primary) {
      ChangePrimary();
      return;
    }
    const InstanceView* primary = Find(plan_.current_primary);
    if (primary == nullptr || (!primary->has_data && !primary->busy)) {
      LosePrimary(primary);
      return;
    }
    KeepPrimary(*primary);
    if (plan_.target_primary != plan_.current_primary) return;
    KeepReplicas(*primary);
    Summarise(*primary);
  }

  bool SomeoneCanTakeOver() const {
    return std::any_of(view_.instances.begin(), view_.instances.end(),
                       [&](const InstanceView& instance) {
                         return instance.name != view_.current_primary &&
                                CanTakeOver(instance);
                       });
  }

  void BeginFailover(const InstanceView* primary) {
    plan_.target_primary = kPendingPrimary;
    if (primary != nullptr) Do(StepKind::kEndProcesses, *primary);
    SetPhase(kPhaseFailingOver,
             absl::StrCat("Failing over from ", plan_.current_primary));
  }

  void LosePrimary(const InstanceView* primary) {
    if (SomeoneCanTakeOver()) {
      BeginFailover(primary);
      return;
    }
    bool hope = false;
    for (const InstanceView& instance : view_.instances) {
      if (!instance.has_data || instance.name == view_.current_primary) {
        continue;
      }
      hope = true;
      if (!instance.running && !instance.busy && !instance.fenced) {
        Do(StepKind::kStart, instance);
      }
    }
    if (hope) {
      SetPhase(kPhaseFailingOver,
               absl::StrCat("Failing over from ", plan_.current_primary));
    } else {
      SetPhase(kPhaseUnrecoverable, "The data of every instance is gone");
    }
  }

  void KeepPrimary(const InstanceView& primary) {
    if (primary.fenced) {
      if (primary.running && !primary.busy) Do(StepKind::kStop, primary);
      return;
    }
    if (primary.busy) return;
    if (!primary.running) {
      bool give_up = primary.died || primary.failed_starts >= kMaxFailedStarts;
      if (give_up && SomeoneCanTakeOver()) {
        BeginFailover(&primary);
      } else {
        if (!primary.configured) Do(StepKind::kConfigure, primary);
        Do(StepKind::kStart, primary);
      }
      return;
    }
    if (!primary.answers) return;
    if (primary.in_recovery) {
      // Killed between the choice of a new primary and its promotion.
      Do(StepKind::kPromote, primary);
      return;
    }
    if (!primary.configured) {
      Do(StepKind::kConfigure, primary);
      SetPhase(kPhaseApplying, "PostgreSQL configuration changed");
    } else if (primary.restart_asked && ReplicasAreUpToDate()) {
      Do(StepKind::kStop, primary);
      SetPhase(kPhaseRestarting, absl::StrCat("Restarting ", primary.name));
    } else if (primary.pending_restart && ReplicasAreUpToDate()) {
      Do(StepKind::kStop, primary);
      SetPhase(kPhaseRestarting, "PostgreSQL configuration changed");
    }
  }

  // Replicas restart first: they must never allow fewer connections than the
  // primary.
  bool ReplicasAreUpToDate() const {
    return std::all_of(
        view_.instances.begin(), view_.instances.end(),
        [&](const InstanceView& instance) {
          return instance.name == view_.current_primary ||
                 (!instance.pending_restart && !instance.restart_asked);
        });
  }

  void ChangePrimary() {
    const InstanceView* old_primary = Find(plan_.current_primary);
    if (plan_.target_primary == kPendingPrimary) {
      ChoosePrimary(old_primary);
      return;
    }
    const InstanceView* target = Find(plan_.target_primary);
    const bool planned =
        old_primary != nullptr && old_primary->running && !old_primary->died;
    SetPhase(planned || IsSwitchingOver(old_primary) ? kPhaseSwitchover
                                                     : kPhaseFailingOver,
             absl::StrCat(planned ? "Switching over to " : "Failing over to ",
                          plan_.target_primary));
    if (target == nullptr || !target->has_data || target->fenced) {
      plan_.target_primary = plan_.current_primary;
      return;
    }
    if (IsPrimary(*target)) {
      plan_.current_primary = target->name;
      KeepReplicas(*target);
      return;
    }
    if (!target->running && !target->busy) {
      // The chosen one died too; what was promoted must come back.
      if (!target->standby_on_disk) {
        Do(StepKind::kStart, *target);
      } else if (old_primary != nullptr && old_primary->running) {
        plan_.target_primary = plan_.current_primary;
      } else {
        plan_.target_primary = kPendingPrimary;
      }
      return;
    }
    if (!target->answers || target->busy) return;
    if (old_primary != nullptr && old_primary->running) {
      if (!old_primary->busy) Do(StepKind::kStop, *old_primary);
      return;
    }
    // What the old primary sent last must have arrived.
    if (!target->receiving) Do(StepKind::kPromote, *target);
  }

  // An old primary that was stopped cleanly on the way to a switchover.
  static bool IsSwitchingOver(const InstanceView* old_primary) {
    return old_primary != nullptr && !old_primary->running &&
           !old_primary->died;
  }

  void ChoosePrimary(const InstanceView* old_primary) {
    SetPhase(kPhaseFailingOver,
             absl::StrCat("Failing over from ", plan_.current_primary));
    const InstanceView* best = nullptr;
    for (const InstanceView& instance : view_.instances) {
      if (instance.name == plan_.current_primary || !CanTakeOver(instance)) {
        continue;
      }
      if (instance.receiving) return;  // something is still coming in
      if (best == nullptr || std::tie(instance.timeline, instance.lsn) >
                                 std::tie(best->timeline, best->lsn)) {
        best = &instance;
      }
    }
    if (best != nullptr) {
      // Promoted in the next round, when the choice is written down: a plane
      // that dies between the two must not choose another.
      plan_.target_primary = best->name;
      plan_.phase_reason = absl::StrCat(
          "Failing over from ", plan_.current_primary, " to ", best->name);
    } else if (old_primary != nullptr && old_primary->has_data) {
      plan_.target_primary = plan_.current_primary;
      if (!old_primary->running && !old_primary->busy) {
        Do(StepKind::kStart, *old_primary);
      }
    }
  }

  void KeepReplicas(const InstanceView& primary) {
    const bool usable = IsPrimary(primary) && primary.has_replication_role;
    AdjustCount(primary);
    if (!usable) {
      // A replica runs without its primary too: it can be read, and take over.
      for (const InstanceView& instance : view_.instances) {
        if (&instance != &primary && instance.has_data &&
            instance.standby_on_disk && !instance.running && !instance.busy &&
            !instance.fenced && removed_.count(instance.name) == 0) {
          Do(StepKind::kStart, instance);
        }
      }
      return;
    }
    std::set<std::string> slots;
    for (const InstanceView& instance : view_.instances) {
      if (&instance != &primary && removed_.count(instance.name) == 0) {
        slots.insert(postgres::SlotName(instance.name));
      }
    }
    if (slots != primary.slots) {
      plan_.steps.push_back({StepKind::kSyncSlots, primary.name, "", slots});
    }
    for (const InstanceView& instance : view_.instances) {
      if (&instance == &primary || removed_.count(instance.name) > 0) continue;
      KeepReplica(instance, primary);
    }
  }

  void KeepReplica(const InstanceView& replica, const InstanceView& primary) {
    if (!replica.has_data) {
      SetPhase(kPhaseCreatingReplica,
               absl::StrCat("Creating replica ", replica.name));
    }
    if (replica.busy) return;
    if (replica.discard_asked || replica.fenced) {
      if (replica.discard_asked) {
        Do(StepKind::kRemoveInstance, replica);
      } else if (replica.running) {
        Do(StepKind::kStop, replica);
      }
      return;
    }
    if (!replica.has_data) {
      Do(StepKind::kClone, replica, primary.name);
      return;
    }
    if (!replica.standby_on_disk || replica.stalled) {
      // A former primary, or one that left the new primary's history.
      Do(replica.running ? StepKind::kStop : StepKind::kRewind, replica,
         replica.running ? "" : primary.name);
      return;
    }
    if (replica.follows != primary.name) {
      Do(StepKind::kFollow, replica, primary.name);
    }
    if (!replica.configured) {
      Do(StepKind::kConfigure, replica);
      SetPhase(kPhaseApplying, "PostgreSQL configuration changed");
    }
    if (!replica.running) {
      Do(StepKind::kStart, replica);
    } else if (replica.answers &&
               (replica.restart_asked || replica.pending_restart)) {
      Do(StepKind::kStop, replica);
    } else if (replica.answers && !replica.slots.empty()) {
      Do(StepKind::kSyncSlots, replica);
    }
  }

  void AdjustCount(const InstanceView& primary) {
    int count = static_cast<int>(view_.instances.size());
    for (; count < view_.desired; ++count) AddInstance();
    // The highest first, never the primary.
    for (auto it = view_.instances.rbegin();
         it != view_.instances.rend() && count > view_.desired; ++it) {
      if (&*it == &primary || it->name == plan_.target_primary) continue;
      removed_.insert(it->name);
      if (!it->busy) Do(StepKind::kRemoveInstance, *it);
      --count;
    }
  }

  void Summarise(const InstanceView& primary) {
    std::vector<std::string> waiting;
    for (const InstanceView& instance : view_.instances) {
      if (!IsReady(instance, primary.name)) waiting.push_back(instance.name);
    }
    if (!added_.empty()) SetPhase(kPhaseCreatingReplica, "Creating replicas");
    if (!waiting.empty() || !removed_.empty()) {
      SetPhase(kPhaseWaiting, waiting.empty()
                                  ? "Removing instances"
                                  : absl::StrCat("Not yet active: ",
                                                 absl::StrJoin(waiting, ", ")));
    }
    SetPhase(kPhaseHealthy);
  }

  const ClusterView& view_;
  Plan plan_;
  std::vector<int> added_;
  std::set<std::string> removed_;
};

}  // namespace

bool IsReady(const InstanceView& instance, absl::string_view primary) {
  if (!instance.running || !instance.answers) return false;
  return instance.name == primary ? !instance.in_recovery : instance.streaming;
}

Plan MakePlan(const ClusterView& view) { return Planner(view).Make(); }

}  // namespace howdah::local::controllers

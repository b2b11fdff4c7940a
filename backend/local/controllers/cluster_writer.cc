#include "backend/local/controllers/cluster_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/local/controllers/cluster_status.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

bool BelongsTo(const Json& object, const std::string& uid) {
  auto owners = Metadata(object).find("ownerReferences");
  if (owners == Metadata(object).end() || !owners->is_array()) return false;
  for (const Json& owner : *owners) {
    if (Text(owner, "uid") == uid) return true;
  }
  return false;
}

// Creates the object, or makes labels, annotations, spec and status those of
// `wanted`. What users add to labels and annotations stays.
absl::Status Put(ObjectStore& store, const ResourceType& type,
                 const std::string& ns, Json wanted) {
  const std::string name = Text(Metadata(wanted), "name");
  absl::Status status =
      store
          .Update(type, ns, name,
                  [&](Json& object) {
                    for (const char* map : {"labels", "annotations"}) {
                      object["metadata"][map].update(wanted["metadata"][map]);
                    }
                    object["spec"] = wanted["spec"];
                    // Times of conditions stay while their values do.
                    Json old = std::move(object["status"]);
                    object["status"] = wanted["status"];
                    KeepTransitionTimes(old, object["status"]);
                    return absl::OkStatus();
                  })
          .status();
  if (!absl::IsNotFound(status)) return status;
  return store.Create(type, ns, std::move(wanted)).status();
}

bool HasHung(const ClusterRound& round, const Step& step) {
  auto facts = round.facts.find(step.instance);
  return step.kind == StepKind::kEndProcesses && facts != round.facts.end() &&
         facts->second.hangs;
}

}  // namespace

ClusterWriter::ClusterWriter(Environment& environment)
    : environment_(environment) {}

std::set<std::string> ClusterWriter::NamesOf(const ClusterRound& round,
                                             const ResourceType& type) {
  std::set<std::string> names;
  absl::StatusOr<ObjectStore::Listing> all =
      environment_.store.List(type, round.spec.namespace_name);
  if (!all.ok()) return names;
  for (const Json& object : all->items) {
    if (BelongsTo(object, round.spec.uid)) {
      names.insert(Text(Metadata(object), "name"));
    }
  }
  return names;
}

void ClusterWriter::NoticeDeletions(const ClusterRound& round) {
  const std::set<std::string> pods = NamesOf(round, kPods);
  const std::set<std::string> claims = NamesOf(round, kVolumeClaims);
  const std::string primary =
      Text(Child(round.object, "status"), "currentPrimary");
  for (const std::string& name : environment_.host.Instances(round.id)) {
    const InstanceId id = round.Instance(name);
    bool pod_gone, claim_gone;
    {
      absl::MutexLock lock(&mutex_);
      pod_gone = pods.count(name) == 0 && known_pods_.erase(id) > 0;
      claim_gone = claims.count(name) == 0 && known_claims_.erase(id) > 0;
    }
    // The data of a primary is never given up, only its process.
    if (claim_gone && name != primary) environment_.host.AskDiscard(id);
    if (pod_gone) environment_.host.AskRestart(id);
  }
}

PodState ClusterWriter::PodOf(const ClusterRound& round,
                              const InstanceView& instance) {
  const InstanceFacts& facts = round.facts.at(instance.name);
  PodState pod;
  pod.instance = instance.name;
  pod.serial = instance.serial;
  pod.image = round.seen.image;
  pod.port = facts.port;
  pod.log_file =
      environment_.host.Files(round.Instance(instance.name)).log_file();
  pod.is_primary = instance.name == round.seen.plan.current_primary;
  pod.running = instance.running;
  pod.ready = IsReady(instance, round.seen.plan.current_primary);
  pod.started = facts.started;
  pod.restarts = facts.restarts;
  pod.waiting_message = facts.last_error;
  if (!round.seen.view.cannot_run.empty()) {
    pod.waiting_reason = "ImagePullBackOff";
    pod.waiting_message = round.seen.view.cannot_run;
  } else if (!facts.last_error.empty()) {
    pod.waiting_reason = "CrashLoopBackOff";
  } else {
    pod.waiting_reason =
        instance.has_data ? "ContainerCreating" : "PodInitializing";
  }
  return pod;
}

absl::Status ClusterWriter::WritePod(const ClusterRound& round,
                                     const InstanceView& view) {
  RETURN_IF_ERROR(
      Put(environment_.store, kPods, round.spec.namespace_name,
          MakePod(round.spec, PodOf(round, view), environment_.now())));
  absl::MutexLock lock(&mutex_);
  known_pods_.insert(round.Instance(view.name));
  return absl::OkStatus();
}

absl::Status ClusterWriter::WriteClaim(const ClusterRound& round,
                                       const InstanceView& view) {
  RETURN_IF_ERROR(
      Put(environment_.store, kVolumeClaims, round.spec.namespace_name,
          MakeVolumeClaim(round.spec, view.name, view.serial, view.has_data)));
  absl::MutexLock lock(&mutex_);
  known_claims_.insert(round.Instance(view.name));
  return absl::OkStatus();
}

absl::Status ClusterWriter::RemoveStale(const ClusterRound& round,
                                        const ResourceType& type,
                                        const std::set<std::string>& kept) {
  for (const std::string& name : NamesOf(round, type)) {
    if (kept.count(name) > 0) continue;
    absl::Status status =
        environment_.store.Delete(type, round.spec.namespace_name, name, {})
            .status();
    if (!absl::IsNotFound(status)) RETURN_IF_ERROR(status);
    absl::MutexLock lock(&mutex_);
    (type == kPods ? known_pods_ : known_claims_).erase(round.Instance(name));
  }
  return absl::OkStatus();
}

absl::Status ClusterWriter::Write(ClusterRound& round) {
  std::set<std::string> pods, claims;
  for (const InstanceView& instance : round.seen.view.instances) {
    if (instance.discard_asked) continue;
    RETURN_IF_ERROR(WriteClaim(round, instance));
    claims.insert(instance.name);
    if (round.spec.hibernate && !instance.running) continue;
    RETURN_IF_ERROR(WritePod(round, instance));
    pods.insert(instance.name);
  }
  RETURN_IF_ERROR(RemoveStale(round, kPods, pods));
  RETURN_IF_ERROR(RemoveStale(round, kVolumeClaims, claims));
  return WriteStatusOf(round);
}

absl::Status ClusterWriter::WriteStatusOf(ClusterRound& round) {
  Json old_status;
  const std::string planned_on =
      Text(Child(round.object, "status"), "targetPrimary");
  ASSIGN_OR_RETURN(
      round.object,
      environment_.store.Update(
          kClusters, round.spec.namespace_name, round.spec.name,
          [&](Json& object) {
            if (Text(Metadata(object), "uid") != round.spec.uid) {
              return absl::AbortedError("the cluster was made anew");
            }
            old_status = Child(object, "status");
            // A switchover asked for meanwhile is not overwritten.
            if (Text(old_status, "targetPrimary") != planned_on) {
              return absl::AbortedError("the target primary was changed");
            }
            WriteStatus(round.spec, round.seen, environment_.now(),
                        object["status"]);
            return absl::OkStatus();
          }));
  RecordEvents(round, old_status);
  return absl::OkStatus();
}

void ClusterWriter::RecordEvents(const ClusterRound& round,
                                 const Json& old_status) {
  const Plan& plan = round.seen.plan;
  auto record = [&](const char* type, const char* reason,
                    const std::string& message) {
    environment_.events.Record(round.object, type, reason, message);
  };
  for (const Step& step : plan.steps) {
    if (step.kind == StepKind::kAddInstance) {
      record("Normal", "CreatingInstance",
             absl::StrCat("Creating instance ", step.instance));
    } else if (step.kind == StepKind::kRemoveInstance) {
      record("Normal", "ScaleDown",
             absl::StrCat("Removing instance ", step.instance));
    } else if (HasHung(round, step)) {
      record("Warning", "Unhealthy",
             absl::StrCat("Liveness probe failed: ", step.instance,
                          " does not answer; its processes are ended"));
      environment_.log("warning", "a server that hangs is ended",
                       {{"instance", step.instance}});
    }
  }
  const std::string old_target = Text(old_status, "targetPrimary");
  if (plan.target_primary != old_target && !old_target.empty()) {
    if (plan.target_primary == kPendingPrimary) {
      record("Warning", "FailingOver", plan.phase_reason);
    } else if (old_target == kPendingPrimary) {
      record(
          "Normal", "FailoverTarget",
          absl::StrCat("Failing over from ", Text(old_status, "currentPrimary"),
                       " to ", plan.target_primary));
    }
  }
  const std::string old_primary = Text(old_status, "currentPrimary");
  if (plan.current_primary != old_primary) {
    record("Normal", old_primary.empty() ? "PrimaryReady" : "PrimaryChanged",
           absl::StrCat(plan.current_primary, " is the primary now"));
    environment_.log("info", "the primary changed",
                     {{"cluster", round.spec.name},
                      {"from", old_primary},
                      {"to", plan.current_primary}});
  }
  const std::string& cannot_run = round.seen.view.cannot_run;
  if (!cannot_run.empty() && Text(old_status, "phaseReason") != cannot_run) {
    record("Warning", "ErrImagePull", cannot_run);
  }
  for (const auto& [name, facts] : round.facts) {
    if (facts.last_error.empty() ||
        !IsNewFailure(round.Instance(name), facts)) {
      continue;
    }
    record("Warning", facts.disk_full ? "NotEnoughDiskSpace" : "InstanceFailed",
           absl::StrCat(name, ": ", facts.last_error));
    environment_.log("warning", "an instance failed",
                     {{"instance", name}, {"error", facts.last_error}});
  }
}

bool ClusterWriter::IsNewFailure(const InstanceId& id,
                                 const InstanceFacts& facts) {
  absl::MutexLock lock(&mutex_);
  auto failure = std::pair(facts.failures, facts.last_error);
  return std::exchange(failures_[id], failure) != failure;
}

}  // namespace howdah::local::controllers

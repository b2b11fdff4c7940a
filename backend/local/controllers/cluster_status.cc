#include "backend/local/controllers/cluster_status.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backend/local/controllers/cluster_objects.h"

namespace howdah::local::controllers {
namespace {

void WriteInstances(const Observation& observation, Json& status) {
  Json names = Json::array(), healthy_claims = Json::array(),
       initializing = Json::array();
  Json by_state = Json::object(), reported = Json::object();
  int ready = 0, timeline = 0;
  const std::string& primary = observation.plan.current_primary;
  for (const InstanceView& instance : observation.view.instances) {
    names.push_back(instance.name);
    (instance.has_data ? healthy_claims : initializing)
        .push_back(instance.name);
    const bool is_ready = IsReady(instance, primary);
    ready += is_ready ? 1 : 0;
    by_state[is_ready           ? "healthy"
             : instance.running ? "replicating"
                                : "failed"]
        .push_back(instance.name);
    const bool is_primary = instance.answers && !instance.in_recovery;
    if (is_primary) timeline = std::max(timeline, instance.timeline);
    reported[instance.name] = {{"isPrimary", is_primary}, {"ip", "127.0.0.1"}};
    if (instance.timeline > 0) {
      reported[instance.name]["timeLineID"] = instance.timeline;
    }
  }
  status["instances"] = observation.view.instances.size();
  status["readyInstances"] = ready;
  status["instanceNames"] = names;
  status["instancesStatus"] = by_state;
  status["instancesReportedState"] = reported;
  status["healthyPVC"] = healthy_claims;
  status["initializingPVC"] = initializing;
  status["pvcCount"] = observation.view.instances.size();
  if (initializing.empty()) status.erase("initializingPVC");
  if (timeline > 0) status["timelineID"] = timeline;
  status["topology"] = {
      {"successfullyExtracted", true},
      {"nodesUsed", observation.view.instances.empty() ? 0 : 1}};
  for (const InstanceView& instance : observation.view.instances) {
    status["topology"]["instances"][instance.name] = Json::object();
  }
}

void WritePrimary(const Plan& plan, absl::Time now, Json& status) {
  auto write = [&](const char* field, const std::string& value) {
    if (value.empty() || Text(status, field) == value) return;
    status[field] = value;
    status[absl::StrCat(field, "Timestamp")] = MicroTimeText(now);
  };
  write("currentPrimary", plan.current_primary);
  write("targetPrimary", plan.target_primary);
  const char kFailing[] = "currentPrimaryFailingSinceTimestamp";
  if (plan.phase == kPhaseFailingOver) {
    if (!status.contains(kFailing)) status[kFailing] = MicroTimeText(now);
  } else {
    status.erase(kFailing);
  }
}

bool AnyRuns(const ClusterView& view) {
  return std::any_of(view.instances.begin(), view.instances.end(),
                     [](const InstanceView& i) { return i.running; });
}

}  // namespace

void SetCondition(Json& status, absl::string_view type, bool value,
                  absl::string_view reason, absl::string_view message,
                  absl::Time now) {
  Json& conditions = status["conditions"];
  if (!conditions.is_array()) conditions = Json::array();
  Json* found = nullptr;
  for (Json& condition : conditions) {
    if (condition.is_object() && Text(condition, "type") == type) {
      found = &condition;
    }
  }
  if (found == nullptr) {
    conditions.push_back({{"type", std::string(type)}});
    found = &conditions.back();
  }
  const std::string text = value ? "True" : "False";
  if (Text(*found, "status") != text) {
    (*found)["status"] = text;
    (*found)["lastTransitionTime"] = TimeText(now);
  }
  (*found)["reason"] = std::string(reason);
  (*found)["message"] = std::string(message);
}

void RemoveCondition(Json& status, absl::string_view type) {
  auto it = status.find("conditions");
  if (it == status.end() || !it->is_array()) return;
  Json kept = Json::array();
  for (const Json& condition : *it) {
    if (!condition.is_object() || Text(condition, "type") != type) {
      kept.push_back(condition);
    }
  }
  *it = std::move(kept);
}

void KeepTransitionTimes(const Json& old, Json& status) {
  auto before = old.find("conditions");
  auto after = status.find("conditions");
  if (before == old.end() || after == status.end()) return;
  for (Json& condition : *after) {
    for (const Json& known : *before) {
      if (Text(known, "type") == Text(condition, "type") &&
          Text(known, "status") == Text(condition, "status")) {
        condition["lastTransitionTime"] = Text(known, "lastTransitionTime");
      }
    }
  }
}

void WriteStatus(const ClusterSpec& spec, const Observation& observation,
                 absl::Time now, Json& status) {
  if (!status.is_object()) status = Json::object();
  const Plan& plan = observation.plan;
  WriteInstances(observation, status);
  WritePrimary(plan, now, status);
  status["phase"] = plan.phase;
  if (plan.phase_reason.empty()) {
    status.erase("phaseReason");
  } else {
    status["phaseReason"] = plan.phase_reason;
  }
  status["image"] = observation.image;
  if (observation.major > 0) {
    status["pgDataImageInfo"] = {{"image", observation.image},
                                 {"majorVersion", observation.major}};
  }
  if (!observation.system_id.empty()) {
    status["systemID"] = observation.system_id;
  }
  status["writeService"] = absl::StrCat(spec.name, "-rw");
  status["readService"] = absl::StrCat(spec.name, "-r");
  const bool healthy = plan.phase == kPhaseHealthy;
  SetCondition(status, "Ready", healthy,
               healthy ? "ClusterIsReady" : "ClusterIsNotReady",
               healthy ? "Cluster is Ready" : "Cluster Is Not Ready", now);
  if (!plan.current_primary.empty()) {
    SetCondition(status, "Initialized", true, "ClusterInitialized",
                 "The first primary was set up", now);
  }
  if (!spec.hibernate) {
    RemoveCondition(status, "cnpg.io/hibernation");
  } else if (AnyRuns(observation.view)) {
    SetCondition(status, "cnpg.io/hibernation", false, "DeletingPods",
                 "Hibernation is in progress", now);
  } else {
    SetCondition(status, "cnpg.io/hibernation", true, "Hibernated",
                 "Cluster has been hibernated", now);
  }
}

}  // namespace howdah::local::controllers

#include "backend/local/api/printer_columns.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace howdah::local {
namespace {

// The value at a dotted path; null if it is missing.
Json At(const Json& object, absl::string_view path) {
  const Json* at = &object;
  for (absl::string_view key : absl::StrSplit(path, '.')) {
    if (!at->is_object()) return nullptr;
    auto found = at->find(std::string(key));
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return *at;
}

std::string TextAtPath(const Json& object, absl::string_view path,
                       const char* otherwise = "") {
  Json value = At(object, path);
  return value.is_string() ? value.get<std::string>() : otherwise;
}

std::string AgeOf(const std::string& timestamp, absl::Time now) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, timestamp, &time, nullptr)) {
    return "<unknown>";
  }
  return HumanDuration(now - time);
}

Column AtPath(const char* name, const char* type, const char* path,
              const char* description, int priority = 0) {
  return {name, type, description, priority,
          [path = std::string(path)](const Json& object, absl::Time) {
            return At(object, path);
          }};
}

Column TextColumn(const char* name, int priority,
                  std::function<std::string(const Json&)> text) {
  return {name, "string", "", priority,
          [text = std::move(text)](const Json& object, absl::Time) -> Json {
            return text(object);
          }};
}

Column NameColumn(int priority = 0) {
  return {"Name", "string",
          "Name must be unique within a namespace. Is required when creating "
          "resources.",
          priority, [](const Json& object, absl::Time) {
            return At(object, "metadata.name");
          }};
}

Column AgeColumn(const char* type = "string") {
  return {"Age", type,
          "CreationTimestamp is a timestamp representing the server time when "
          "this object was created.",
          0, [](const Json& object, absl::Time now) -> Json {
            return AgeOf(TextAtPath(object, "metadata.creationTimestamp"), now);
          }};
}

Column DataCount(std::vector<std::string> fields) {
  return {"Data", "string", "Number of entries", 0,
          [fields = std::move(fields)](const Json& object, absl::Time) -> Json {
            size_t count = 0;
            for (const std::string& field : fields) {
              count += At(object, field).size();
            }
            return count;
          }};
}

std::string OrNone(const std::string& text) {
  return text.empty() ? "<none>" : text;
}

size_t ReadyContainers(const Json& pod) {
  Json statuses = At(pod, "status.containerStatuses");
  return static_cast<size_t>(
      std::count_if(statuses.begin(), statuses.end(),
                    [](const Json& one) { return one.value("ready", false); }));
}

std::string PodState(const Json& pod) {
  if (!TextAtPath(pod, "metadata.deletionTimestamp").empty()) {
    return "Terminating";
  }
  Json statuses = At(pod, "status.containerStatuses");
  for (const Json& one : statuses) {
    for (const char* state : {"waiting", "terminated"}) {
      std::string reason =
          TextAtPath(one, absl::StrCat("state.", state, ".reason"));
      if (!reason.empty()) return reason;
    }
  }
  std::string reason = TextAtPath(pod, "status.reason");
  return reason.empty() ? TextAtPath(pod, "status.phase", "Unknown") : reason;
}

Json Restarts(const Json& pod, absl::Time) {
  int64_t count = 0;
  for (const Json& one : At(pod, "status.containerStatuses")) {
    count += one.value("restartCount", int64_t{0});
  }
  return std::to_string(count);
}

std::string ServicePorts(const Json& service) {
  std::vector<std::string> texts;
  for (const Json& port : At(service, "spec.ports")) {
    std::string text = absl::StrCat(port.value("port", 0));
    if (port.contains("nodePort")) {
      absl::StrAppend(&text, ":", port.value("nodePort", 0));
    }
    texts.push_back(absl::StrCat(text, "/", port.value("protocol", "TCP")));
  }
  return OrNone(absl::StrJoin(texts, ","));
}

std::string Selector(const Json& service) {
  std::vector<std::string> texts;
  Json selector = At(service, "spec.selector");
  if (selector.is_object()) {
    for (const auto& [key, value] : selector.items()) {
      texts.push_back(absl::StrCat(
          key, "=",
          value.is_string() ? value.get<std::string>() : value.dump()));
    }
  }
  return OrNone(absl::StrJoin(texts, ","));
}

std::string AccessModes(const Json& claim) {
  std::vector<std::string> texts;
  for (const Json& mode : At(claim, "status.accessModes")) {
    if (mode == "ReadWriteOnce") texts.push_back("RWO");
    if (mode == "ReadOnlyMany") texts.push_back("ROX");
    if (mode == "ReadWriteMany") texts.push_back("RWX");
    if (mode == "ReadWriteOncePod") texts.push_back("RWOP");
  }
  return absl::StrJoin(texts, ",");
}

// The newest and the oldest moment that an event tells of.
Column EventAge(const char* name, int priority,
                std::vector<std::string> paths) {
  return {
      name, "string", "", priority,
      [paths = std::move(paths)](const Json& event, absl::Time now) -> Json {
        for (const std::string& path : paths) {
          std::string text = TextAtPath(event, path);
          if (!text.empty()) return AgeOf(text, now);
        }
        return "<unknown>";
      }};
}

std::string EventObject(const Json& event) {
  std::string kind = TextAtPath(event, "involvedObject.kind");
  std::transform(kind.begin(), kind.end(), kind.begin(), ::tolower);
  return absl::StrCat(kind, "/", TextAtPath(event, "involvedObject.name"));
}

std::string EventSource(const Json& event) {
  std::string text = TextAtPath(event, "source.component");
  if (text.empty()) text = TextAtPath(event, "reportingComponent");
  std::string host = TextAtPath(event, "source.host");
  return host.empty() ? text : absl::StrCat(text, ", ", host);
}

}  // namespace

std::vector<Column> ClusterColumns() {
  Column topology = TextColumn("SyncTopology", 1, [](const Json& cluster) {
    for (const Json& one : At(cluster, "status.conditions")) {
      if (one.value("type", "") == "SyncReplicationTopologySatisfied") {
        return one.value("reason", "");
      }
    }
    return std::string();
  });
  topology.description = "Failure domain topology satisfaction status";
  return {
      NameColumn(),
      AgeColumn("date"),
      AtPath("Instances", "integer", "status.instances", "Number of instances"),
      AtPath("Ready", "integer", "status.readyInstances",
             "Number of ready instances"),
      AtPath("Status", "string", "status.phase", "Cluster current status"),
      AtPath("Primary", "string", "status.currentPrimary", "Primary pod"),
      topology};
}

std::vector<Column> AppliedColumns() {
  return {NameColumn(),
          AgeColumn("date"),
          AtPath("Cluster", "string", "spec.cluster.name", ""),
          AtPath("PG Name", "string", "spec.name", ""),
          AtPath("Applied", "boolean", "status.applied", ""),
          AtPath("Message", "string", "status.message",
                 "Latest reconciliation message")};
}

std::vector<Column> ConfigMapColumns() {
  return {NameColumn(), DataCount({"data", "binaryData"}), AgeColumn()};
}

std::vector<Column> SecretColumns() {
  return {NameColumn(), AtPath("Type", "string", "type", ""),
          DataCount({"data"}), AgeColumn()};
}

std::vector<Column> NamespaceColumns() {
  return {NameColumn(), AtPath("Status", "string", "status.phase", ""),
          AgeColumn()};
}

std::vector<Column> PersistentVolumeClaimColumns() {
  return {NameColumn(),
          AtPath("Status", "string", "status.phase", ""),
          AtPath("Volume", "string", "spec.volumeName", ""),
          TextColumn("Capacity", 0,
                     [](const Json& claim) {
                       return TextAtPath(claim, "status.capacity.storage");
                     }),
          TextColumn("Access Modes", 0, &AccessModes),
          TextColumn("StorageClass", 0,
                     [](const Json& claim) {
                       return TextAtPath(claim, "spec.storageClassName");
                     }),
          TextColumn("VolumeAttributesClass", 0,
                     [](const Json&) { return std::string("<unset>"); }),
          AgeColumn(),
          TextColumn("VolumeMode", 1, [](const Json& claim) {
            return TextAtPath(claim, "spec.volumeMode", "Filesystem");
          })};
}

std::vector<Column> PodColumns() {
  Column restarts{"Restarts", "string", "", 0, &Restarts};
  auto text = [](const char* path) {
    return [path](const Json& pod) { return OrNone(TextAtPath(pod, path)); };
  };
  auto none = [](const Json&) { return std::string("<none>"); };
  return {NameColumn(),
          TextColumn("Ready", 0,
                     [](const Json& pod) {
                       return absl::StrCat(ReadyContainers(pod), "/",
                                           At(pod, "spec.containers").size());
                     }),
          TextColumn("Status", 0, &PodState),
          restarts,
          AgeColumn(),
          TextColumn("IP", 1, text("status.podIP")),
          TextColumn("Node", 1, text("spec.nodeName")),
          TextColumn("Nominated Node", 1, none),
          TextColumn("Readiness Gates", 1, none)};
}

std::vector<Column> ServiceColumns() {
  return {NameColumn(),
          TextColumn("Type", 0,
                     [](const Json& service) {
                       return TextAtPath(service, "spec.type", "ClusterIP");
                     }),
          TextColumn("Cluster-IP", 0,
                     [](const Json& service) {
                       return OrNone(TextAtPath(service, "spec.clusterIP"));
                     }),
          TextColumn("External-IP", 0,
                     [](const Json&) { return std::string("<none>"); }),
          TextColumn("Port(s)", 0, &ServicePorts),
          AgeColumn(),
          TextColumn("Selector", 1, &Selector)};
}

std::vector<Column> EventColumns() {
  Column count{"Count", "string", "", 1, [](const Json& event, absl::Time) {
                 return event.value("count", Json(1));
               }};
  return {EventAge("Last Seen", 0,
                   {"series.lastObservedTime", "lastTimestamp", "eventTime"}),
          AtPath("Type", "string", "type", ""),
          AtPath("Reason", "string", "reason", ""),
          TextColumn("Object", 0, &EventObject),
          TextColumn("Subobject", 1,
                     [](const Json& event) {
                       return TextAtPath(event, "involvedObject.fieldPath");
                     }),
          TextColumn("Source", 1, &EventSource),
          AtPath("Message", "string", "message", ""),
          EventAge("First Seen", 1, {"firstTimestamp", "eventTime"}),
          count,
          NameColumn(1)};
}

std::string HumanDuration(absl::Duration duration) {
  int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return absl::StrCat(seconds, "s");
  auto two = [](int64_t big, const char* unit, int64_t small,
                const char* small_unit) {
    if (small == 0) return absl::StrCat(big, unit);
    return absl::StrCat(big, unit, small, small_unit);
  };
  int64_t minutes = seconds / 60;
  if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return absl::StrCat(minutes, "m");
  int64_t hours = minutes / 60;
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return absl::StrCat(hours, "h");
  int64_t days = hours / 24;
  if (days < 8) return two(days, "d", hours % 24, "h");
  if (days < 730) return absl::StrCat(days, "d");
  if (days < 2920) return two(days / 365, "y", days % 365, "d");
  return absl::StrCat(days / 365, "y");
}

}  // namespace howdah::local

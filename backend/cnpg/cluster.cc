#include "backend/cnpg/cluster.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/cnpg/meta_reader.h"
#include "backend/cnpg/role_reader.h"
#include "backend/json/json_reader.h"
#include "proto/support/status_macros.h"

namespace howdah::cnpg {
namespace {

using json::Element;
using json::Integer;
using json::Member;
using json::Path;
using json::Text;
using json::Texts;

// Names in the annotation that holds a JSON list as text, without a second
// parser run: names have no escapes.
std::vector<std::string> ReadFencedList(absl::string_view list) {
  std::vector<std::string> names;
  size_t open = list.find('"');
  while (open != absl::string_view::npos) {
    size_t close = list.find('"', open + 1);
    if (close == absl::string_view::npos) break;
    names.emplace_back(list.substr(open + 1, close - open - 1));
    open = list.find('"', close + 1);
  }
  return names;
}

void ReadAnnotations(Element root, Cluster& cluster) {
  std::optional<Element> annotations = Path(root, "metadata", "annotations");
  cluster.hibernation_wanted =
      Text(Member(annotations, "cnpg.io/hibernation")) == "on";
  cluster.reconciliation_disabled =
      Text(Member(annotations, "cnpg.io/reconciliationLoop")) == "disabled";
  cluster.fenced =
      ReadFencedList(Text(Member(annotations, "cnpg.io/fencedInstances")));
}

void ReadBootstrap(Element root, Cluster& cluster) {
  std::optional<Element> bootstrap = Path(root, "spec", "bootstrap");
  std::optional<Element> initdb = Member(bootstrap, "initdb");
  bool is_initdb = initdb || !(Member(bootstrap, "recovery") ||
                               Member(bootstrap, "pg_basebackup"));
  if (!is_initdb) return;
  std::string database = Text(Member(initdb, "database"));
  cluster.application_database = database.empty() ? "app" : database;
  std::string owner = Text(Member(initdb, "owner"));
  cluster.application_owner =
      owner.empty() ? cluster.application_database : owner;
  cluster.application_secret =
      Text(Path(root, "spec", "bootstrap", "initdb", "secret", "name"));
}

void ReadSpec(Element root, Cluster& cluster) {
  std::optional<Element> spec = Member(root, "spec");
  cluster.instances =
      static_cast<int32_t>(Integer(Member(spec, "instances"), 1));
  cluster.image_name = Text(Member(spec, "imageName"));
  cluster.storage_size = Text(Path(root, "spec", "storage", "size"));
  cluster.storage_class = Text(Path(root, "spec", "storage", "storageClass"));
  for (const std::string& service : Texts(Path(
           root, "spec", "managed", "services", "disabledDefaultServices"))) {
    if (service == "ro") cluster.read_only_service_disabled = true;
    if (service == "r") cluster.read_service_disabled = true;
  }
  ReadBootstrap(root, cluster);
}

void ReadInstances(std::optional<Element> status, Cluster& cluster) {
  for (std::string& name : Texts(Member(status, "instanceNames"))) {
    InstanceState instance;
    instance.primary = name == cluster.current_primary;
    instance.name = std::move(name);
    cluster.instance_states.push_back(std::move(instance));
  }
  json::ForEachMember(
      Member(status, "instancesStatus"),
      [&](absl::string_view state, Element names) {
        for (const std::string& name : Texts(names)) {
          for (InstanceState& instance : cluster.instance_states) {
            if (instance.name == name) instance.state = std::string(state);
          }
        }
      });
  std::optional<Element> reported = Member(status, "instancesReportedState");
  for (InstanceState& instance : cluster.instance_states) {
    instance.timeline = static_cast<int32_t>(
        Integer(Member(Member(reported, instance.name), "timeLineID")));
  }
}

void ReadStatus(Element root, Cluster& cluster) {
  std::optional<Element> status = Member(root, "status");
  cluster.phase = Text(Member(status, "phase"));
  cluster.phase_reason = Text(Member(status, "phaseReason"));
  cluster.status_instances =
      static_cast<int32_t>(Integer(Member(status, "instances")));
  cluster.ready_instances =
      static_cast<int32_t>(Integer(Member(status, "readyInstances")));
  cluster.current_primary = Text(Member(status, "currentPrimary"));
  cluster.target_primary = Text(Member(status, "targetPrimary"));
  cluster.primary_failing_since =
      Text(Member(status, "currentPrimaryFailingSinceTimestamp"));
  cluster.running_image = Text(Member(status, "image"));
  cluster.major_version = static_cast<int32_t>(
      Integer(Member(Member(status, "pgDataImageInfo"), "majorVersion")));
  cluster.write_service = Text(Member(status, "writeService"));
  cluster.read_service = Text(Member(status, "readService"));
  cluster.unusable_volumes = Texts(Member(status, "unusablePVC"));
  cluster.last_backup = json::Timestamp(Member(status, "lastSuccessfulBackup"));
  ReadInstances(status, cluster);
  json::ForEach(Member(status, "conditions"), [&](Element condition) {
    cluster.conditions.push_back({Text(Member(condition, "type")),
                                  Text(Member(condition, "status")),
                                  Text(Member(condition, "reason")),
                                  Text(Member(condition, "message"))});
  });
  json::ForEach(Member(status, "tablespacesStatus"), [&](Element tablespace) {
    std::string error = Text(Member(tablespace, "error"));
    if (error.empty()) return;
    cluster.failed_tablespaces.push_back(
        absl::StrCat(Text(Member(tablespace, "name")), ": ", error));
  });
}

// "ghcr.io/cloudnative-pg/postgresql:16.4-12@sha256:…" gives "16.4".
std::string VersionOfImage(absl::string_view image) {
  image = image.substr(0, image.find('@'));
  size_t colon = image.rfind(':');
  if (colon == absl::string_view::npos) return "";
  absl::string_view tag = image.substr(colon + 1);
  if (tag.find('/') != absl::string_view::npos) return "";
  size_t end = 0;
  while (end < tag.size() &&
         (absl::ascii_isdigit(tag[end]) || (end > 0 && tag[end] == '.'))) {
    ++end;
  }
  absl::string_view version = tag.substr(0, end);
  while (absl::EndsWith(version, ".")) version.remove_suffix(1);
  return std::string(version);
}

size_t Size(const std::string& text) {
  return text.capacity() > 15 ? text.capacity() + 1 : 0;
}

size_t Size(const std::vector<std::string>& texts) {
  size_t size = texts.capacity() * sizeof(std::string);
  for (const std::string& text : texts) size += Size(text);
  return size;
}

}  // namespace

absl::StatusOr<Cluster> ReadCluster(absl::string_view text) {
  ASSIGN_OR_RETURN(Element root, json::Parse(text));
  Cluster cluster;
  ASSIGN_OR_RETURN(cluster.meta, ReadMeta(root));
  ReadAnnotations(root, cluster);
  ReadSpec(root, cluster);
  ReadStatus(root, cluster);
  cluster.roles = ReadInlineRoles(root);
  if (cluster.application_secret.empty() &&
      !cluster.application_owner.empty()) {
    cluster.application_secret = absl::StrCat(cluster.meta.name, "-app");
  }
  return cluster;
}

const Condition* FindCondition(const Cluster& cluster, absl::string_view type) {
  for (const Condition& condition : cluster.conditions) {
    if (condition.type == type) return &condition;
  }
  return nullptr;
}

std::string PostgresVersion(const Cluster& cluster) {
  std::string version = VersionOfImage(cluster.running_image);
  if (version.empty() && cluster.major_version > 0) {
    version = absl::StrCat(cluster.major_version);
  }
  if (version.empty()) version = VersionOfImage(cluster.image_name);
  return version;
}

size_t MemoryUse(const Cluster& cluster) {
  size_t size = sizeof(Cluster) + Size(cluster.meta.uid) +
                Size(cluster.meta.name) + Size(cluster.meta.namespace_name) +
                Size(cluster.image_name) + Size(cluster.running_image) +
                Size(cluster.phase) + Size(cluster.phase_reason) +
                Size(cluster.write_service) + Size(cluster.read_service) +
                Size(cluster.fenced) + Size(cluster.unusable_volumes) +
                Size(cluster.failed_tablespaces);
  size += cluster.instance_states.capacity() * sizeof(InstanceState);
  size += cluster.conditions.capacity() * sizeof(Condition);
  for (const Condition& condition : cluster.conditions) {
    size +=
        Size(condition.type) + Size(condition.reason) + Size(condition.message);
  }
  size += cluster.roles.capacity() * sizeof(ManagedRole);
  for (const ManagedRole& role : cluster.roles) {
    size += Size(role.name) + Size(role.message) + Size(role.password_secret) +
            Size(role.attributes.in_roles) + Size(role.attributes.comment);
  }
  return size;
}

}  // namespace howdah::cnpg

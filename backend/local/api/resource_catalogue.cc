#include "backend/local/api/resource_catalogue.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/local/api/printer_columns.h"
#include "backend/local/api/schema_text.h"

namespace howdah::local {
namespace {

ResourceInfo Core(const char* plural, const char* kind, const char* singular,
                  std::vector<std::string> short_names) {
  ResourceInfo info;
  info.type = {"", plural};
  info.version = "v1";
  info.kind = kind;
  info.singular = singular;
  info.short_names = std::move(short_names);
  return info;
}

ResourceInfo Cnpg(const char* plural, const char* kind, const char* singular) {
  ResourceInfo info = Core(plural, kind, singular, {});
  info.type.group = kCnpgGroup;
  info.custom = true;
  info.has_status = true;
  return info;
}

std::vector<ResourceInfo> MakeAll() {
  std::vector<ResourceInfo> all;

  ResourceInfo config_maps =
      Core("configmaps", "ConfigMap", "configmap", {"cm"});
  config_maps.columns = ConfigMapColumns();
  all.push_back(std::move(config_maps));

  ResourceInfo events = Core("events", "Event", "event", {"ev"});
  events.columns = EventColumns();
  events.selectable_fields = {"involvedObject.kind",
                              "involvedObject.namespace",
                              "involvedObject.name",
                              "involvedObject.uid",
                              "involvedObject.apiVersion",
                              "involvedObject.resourceVersion",
                              "involvedObject.fieldPath",
                              "reason",
                              "reportingComponent",
                              "source",
                              "type"};
  all.push_back(std::move(events));

  ResourceInfo namespaces =
      Core("namespaces", "Namespace", "namespace", {"ns"});
  namespaces.namespaced = false;
  namespaces.deletable_together = false;
  namespaces.has_status = true;
  namespaces.selectable_fields = {"status.phase"};
  namespaces.columns = NamespaceColumns();
  all.push_back(std::move(namespaces));

  ResourceInfo claims = Core("persistentvolumeclaims", "PersistentVolumeClaim",
                             "persistentvolumeclaim", {"pvc"});
  claims.creatable = false;
  claims.has_status = true;
  claims.columns = PersistentVolumeClaimColumns();
  all.push_back(std::move(claims));

  ResourceInfo pods = Core("pods", "Pod", "pod", {"po"});
  pods.creatable = false;
  pods.has_status = true;
  pods.has_log = true;
  pods.categories = {"all"};
  pods.selectable_fields = {"spec.nodeName",      "spec.restartPolicy",
                            "spec.schedulerName", "spec.serviceAccountName",
                            "status.phase",       "status.podIP"};
  pods.columns = PodColumns();
  all.push_back(std::move(pods));

  ResourceInfo secrets = Core("secrets", "Secret", "secret", {});
  secrets.selectable_fields = {"type"};
  secrets.columns = SecretColumns();
  all.push_back(std::move(secrets));

  ResourceInfo services = Core("services", "Service", "service", {"svc"});
  services.creatable = false;
  services.has_status = true;
  services.categories = {"all"};
  services.selectable_fields = {"spec.clusterIP", "spec.type"};
  services.columns = ServiceColumns();
  all.push_back(std::move(services));

  ResourceInfo clusters = Cnpg("clusters", "Cluster", "cluster");
  clusters.has_scale = true;
  clusters.columns = ClusterColumns();
  all.push_back(std::move(clusters));

  ResourceInfo databases = Cnpg("databases", "Database", "database");
  databases.columns = AppliedColumns();
  all.push_back(std::move(databases));

  ResourceInfo roles = Cnpg("databaseroles", "DatabaseRole", "databaserole");
  roles.columns = AppliedColumns();
  all.push_back(std::move(roles));

  const Json sources = SchemaSources();
  for (ResourceInfo& info : all) info.schema = SchemaOf(sources, info.kind);
  return all;
}

}  // namespace

std::string ResourceInfo::ApiVersion() const {
  if (type.group.empty()) return version;
  return absl::StrCat(type.group, "/", version);
}

std::vector<std::string> ResourceInfo::Verbs() const {
  std::vector<std::string> verbs = {"delete", "get",    "list",
                                    "patch",  "update", "watch"};
  if (deletable_together) verbs.insert(verbs.begin() + 1, "deletecollection");
  if (creatable) verbs.insert(verbs.begin(), "create");
  return verbs;
}

const std::vector<ResourceInfo>& AllResources() {
  static const auto& all = *new std::vector<ResourceInfo>(MakeAll());
  return all;
}

const ResourceInfo* FindResource(absl::string_view group,
                                 absl::string_view version,
                                 absl::string_view plural) {
  for (const ResourceInfo& info : AllResources()) {
    if (info.type.group == group && info.version == version &&
        info.type.plural == plural) {
      return &info;
    }
  }
  return nullptr;
}

}  // namespace howdah::local

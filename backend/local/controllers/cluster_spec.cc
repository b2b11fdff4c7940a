#include "backend/local/controllers/cluster_spec.h"

#include "absl/strings/str_cat.h"

namespace howdah::local::controllers {
namespace {

std::vector<std::string> Texts(const Json& object, const std::string& key) {
  std::vector<std::string> texts;
  auto it = object.find(key);
  if (it == object.end() || !it->is_array()) return texts;
  for (const Json& item : *it) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

void ParseInitdb(const Json& spec, ClusterSpec& result) {
  const Json& initdb = Child(Child(spec, "bootstrap"), "initdb");
  if (auto name = Text(initdb, "database"); !name.empty()) {
    result.app_database = name;
    result.app_owner = name;
  }
  if (auto owner = Text(initdb, "owner"); !owner.empty()) {
    result.app_owner = owner;
  }
  if (auto secret = Text(Child(initdb, "secret"), "name"); !secret.empty()) {
    result.app_secret = secret;
    result.app_secret_is_ours = false;
  }
  postgres::InitOptions& init = result.init;
  if (auto text = Text(initdb, "encoding"); !text.empty()) init.encoding = text;
  if (auto text = Text(initdb, "locale"); !text.empty()) init.locale = text;
  init.lc_collate = Text(initdb, "localeCollate");
  init.lc_ctype = Text(initdb, "localeCType");
  init.wal_segment_size_mb = Number(initdb, "walSegmentSize", 0);
  init.data_checksums = Flag(initdb, "dataChecksums", false);
  result.post_init_sql = Texts(initdb, "postInitSQL");
  result.post_init_application_sql = Texts(initdb, "postInitApplicationSQL");
}

void ParseAnnotations(const Json& object, ClusterSpec& result) {
  const Json& annotations = Child(Metadata(object), "annotations");
  result.hibernate = Text(annotations, "cnpg.io/hibernation") == "on";
  result.reconciliation_disabled =
      Text(annotations, "cnpg.io/reconciliationLoop") == "disabled";
  const std::string restarted =
      Text(annotations, "kubectl.kubernetes.io/restartedAt");
  if (absl::ParseTime(absl::RFC3339_full, restarted, &result.restarted_at,
                      nullptr)) {
    result.restarted_at_text = restarted;
  }
  Json fenced = Json::parse(Text(annotations, "cnpg.io/fencedInstances"),
                            nullptr, /*allow_exceptions=*/false);
  if (!fenced.is_array()) return;
  for (const Json& name : fenced) {
    if (name.is_string()) result.fenced.insert(name.get<std::string>());
  }
}

}  // namespace

ClusterSpec ParseCluster(const Json& object) {
  ClusterSpec result;
  const Json& metadata = Metadata(object);
  const Json& spec = Child(object, "spec");
  result.namespace_name = Text(metadata, "namespace");
  result.name = Text(metadata, "name");
  result.uid = Text(metadata, "uid");
  result.instances = Number(spec, "instances", 1);
  result.image = Text(spec, "imageName");
  result.storage_size = Text(Child(spec, "storage"), "size");
  result.storage_class = Text(Child(spec, "storage"), "storageClass");
  result.app_secret = absl::StrCat(result.name, "-app");
  ParseInitdb(spec, result);
  result.superuser_access = Flag(spec, "enableSuperuserAccess", false);
  result.superuser_secret = Text(Child(spec, "superuserSecret"), "name");
  result.superuser_secret_is_ours = result.superuser_secret.empty();
  if (result.superuser_secret_is_ours) {
    result.superuser_secret = absl::StrCat(result.name, "-superuser");
  }
  const Json& postgresql = Child(spec, "postgresql");
  for (const auto& [name, value] : Child(postgresql, "parameters").items()) {
    if (value.is_string()) result.parameters[name] = value.get<std::string>();
  }
  result.shared_preload_libraries =
      Texts(postgresql, "shared_preload_libraries");
  result.hba_lines = Texts(postgresql, "pg_hba");
  for (const std::string& name :
       Texts(Child(Child(spec, "managed"), "services"),
             "disabledDefaultServices")) {
    result.disabled_services.insert(name);
  }
  result.liveness_timeout = absl::Seconds(
      std::max<int64_t>(0, Number(spec, "livenessProbeTimeout", 30)));
  ParseAnnotations(object, result);
  return result;
}

}  // namespace howdah::local::controllers

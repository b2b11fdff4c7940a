#include "backend/local/api/cluster_defaults.h"

#include <string>

#include "backend/local/api/schema.h"

namespace howdah::local {
namespace {

// To the webhook a text of nothing is none.
void FillText(Json& holder, const char* field, const std::string& text) {
  if (holder.value(field, "").empty() && !text.empty()) holder[field] = text;
}

// The object at the field, which is made if there is none.
Json& Part(Json& holder, const char* field) {
  Json& part = holder[field];
  if (part.is_null()) part = Json::object();
  return part;
}

void CompleteBootstrap(Json& bootstrap) {
  for (const char* method : {"recovery", "pg_basebackup"}) {
    if (!bootstrap.contains(method)) continue;
    FillText(bootstrap[method], "database", "app");
    FillText(bootstrap[method], "owner", bootstrap[method]["database"]);
    return;
  }
  Json& initdb = Part(bootstrap, "initdb");
  if (PartOf(PartOf(initdb, "import"), "type") != "monolith") {
    FillText(initdb, "database", "app");
  }
  FillText(initdb, "owner", initdb.value("database", ""));
  FillText(initdb, "encoding", "UTF8");
  FillText(initdb, "localeCollate", "C");
  FillText(initdb, "localeCType", "C");
}

void CompleteTablespaces(Json& spec) {
  if (!spec.contains("tablespaces")) return;
  std::string owner = "postgres";
  for (const auto& [method, settings] : spec["bootstrap"].items()) {
    if (const std::string own = settings.value("owner", ""); !own.empty()) {
      owner = own;
    }
  }
  for (Json& tablespace : spec["tablespaces"]) {
    if (tablespace.is_object()) {
      FillText(Part(tablespace, "owner"), "name", owner);
    }
  }
}

}  // namespace

bool CompleteCluster(Json& cluster) {
  const Json before = cluster;
  Json& spec = cluster["spec"];
  if (spec.value("imageName", "none").empty()) spec.erase("imageName");
  CompleteBootstrap(Part(spec, "bootstrap"));
  Json& affinity = Part(spec, "affinity");
  if (affinity.value("enablePodAntiAffinity", true)) {
    FillText(affinity, "podAntiAffinityType", "preferred");
  }
  if (PartOf(PartOf(spec, "monitoring"), "disableDefaultQueries") != true) {
    Part(spec, "monitoring");
  }
  FillText(spec, "logLevel", "info");
  if (spec.contains("backup")) {
    FillText(spec["backup"], "target", "prefer-standby");
  }
  Json& slots = Part(spec, "replicationSlots");
  if (!slots.contains("highAvailability")) {
    slots["highAvailability"] = {{"enabled", true}, {"slotPrefix", "_cnpg_"}};
  }
  if (!slots.contains("synchronizeReplicas")) {
    slots["synchronizeReplicas"] = {{"enabled", true}};
  }
  CompleteTablespaces(spec);
  Json& postgresql = Part(spec, "postgresql");
  if (postgresql.contains("synchronous")) {
    FillText(postgresql["synchronous"], "dataDurability", "required");
  }
  Json& liveness = Part(Part(spec, "probes"), "liveness");
  if (!liveness.contains("isolationCheck")) {
    liveness["isolationCheck"] = {{"enabled", true},
                                  {"requestTimeout", 1000},
                                  {"connectionTimeout", 1000}};
  }
  return cluster != before;
}

}  // namespace howdah::local

#include "backend/cnpg/databases.h"

#include <optional>

#include "backend/cnpg/cluster_spec.h"
#include "backend/cnpg/meta_reader.h"
#include "backend/json/json_reader.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_macros.h"

namespace howdah::cnpg {

using json::Boolean;
using json::Element;
using json::Integer;
using json::Member;
using json::Text;

absl::StatusOr<Database> ReadDatabase(absl::string_view text) {
  ASSIGN_OR_RETURN(Element root, json::Parse(text));
  Database database;
  ASSIGN_OR_RETURN(database.meta, ReadMeta(root));
  std::optional<Element> spec = Member(root, "spec");
  std::optional<Element> status = Member(root, "status");
  database.cluster_name = Text(json::Path(root, "spec", "cluster", "name"));
  database.name = Text(Member(spec, "name"));
  database.owner = Text(Member(spec, "owner"));
  database.drop_on_delete =
      Text(Member(spec, "databaseReclaimPolicy")) == "delete";
  database.absent = Text(Member(spec, "ensure")) == "absent";
  database.message = Text(Member(status, "message"));
  std::optional<Element> applied = Member(status, "applied");
  bool current =
      Integer(Member(status, "observedGeneration")) == database.meta.generation;
  if (database.meta.deleting) {
    database.state = DatabaseState::kDeleting;
  } else if (applied && Boolean(applied) && current) {
    database.state = DatabaseState::kApplied;
  } else if (applied && applied->is_bool() && !Boolean(applied)) {
    // On a failure the operator does not advance observedGeneration.
    database.state = DatabaseState::kFailed;
  }
  return database;
}

nlohmann::json DatabaseManifest(const DatabaseSpec& spec) {
  nlohmann::json manifest = {
      {"apiVersion", std::string(kApiVersion)},
      {"kind", "Database"},
      {"metadata",
       {{"name", spec.object_name},
        {"namespace", spec.namespace_name},
        {"labels",
         {{std::string(kManagedByLabel), std::string(kManagedByValue)}}}}},
      {"spec",
       {{"cluster", {{"name", spec.cluster_name}}},
        {"name", spec.name},
        {"owner", spec.owner},
        {"ensure", "present"},
        {"databaseReclaimPolicy", spec.drop_on_delete ? "delete" : "retain"}}},
  };
  AnnotateRequest(manifest, spec.request_id, spec.request_digest);
  return manifest;
}

}  // namespace howdah::cnpg

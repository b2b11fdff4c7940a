#include "backend/local/api/database_rules.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/schema.h"
#include "backend/local/store/object_rules.h"

namespace howdah::local {
namespace {

using Causes = std::vector<FieldCause>;

// Each name in the list at most once. `told` is what its field is called.
void CheckNames(const Json& holder, const char* field, const std::string& path,
                const char* told, Causes& causes) {
  const Json& list = PartOf(holder, field);
  std::set<std::string> seen;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string name = list[i].value("name", "");
    if (seen.insert(name).second) continue;
    causes.push_back(
        DuplicateValue(absl::StrCat(path, ".", told, "[", i, "].name"), name));
  }
}

void CheckForeign(const Json& spec, const char* field, Causes& causes) {
  CheckNames(spec, field, "spec", field, causes);
  const Json& list = PartOf(spec, field);
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string path = absl::StrCat("spec.", field, "[", i, "]");
    CheckNames(list[i], "options", path, "options", causes);
    CheckNames(list[i], "usage", path, "usages", causes);
  }
}

void CheckServers(const Json& spec, Causes& causes) {
  std::set<std::string> wrappers;
  for (const Json& fdw : PartOf(spec, "fdws")) {
    wrappers.insert(fdw.value("name", ""));
  }
  const Json& servers = PartOf(spec, "servers");
  for (size_t i = 0; i < servers.size(); ++i) {
    const std::string fdw = servers[i].value("fdw", "");
    if (servers[i].value("ensure", "") == "absent" || wrappers.contains(fdw)) {
      continue;
    }
    causes.push_back(InvalidValue(absl::StrCat("spec.servers[", i, "].fdw"),
                                  fdw,
                                  "referenced fdw not defined in spec.fdws"));
  }
}

}  // namespace

absl::Status CheckDatabase(const Json& database) {
  const Json& annotations = PartOf(PartOf(database, "metadata"), "annotations");
  if (PartOf(annotations, "cnpg.io/validation") == "disabled") {
    return absl::OkStatus();
  }
  const Json& spec = PartOf(database, "spec");
  Causes causes;
  CheckNames(spec, "extensions", "spec", "extensions", causes);
  CheckNames(spec, "schemas", "spec", "schemas", causes);
  CheckForeign(spec, "fdws", causes);
  CheckServers(spec, causes);
  CheckForeign(spec, "servers", causes);
  if (causes.empty()) return absl::OkStatus();
  // The operator's kind ends with a space.
  return InvalidObject(
      "postgresql.cnpg.io", "Database ", NameOf(database), causes,
      "admission webhook \"vdatabase.cnpg.io\" denied the request: ");
}

}  // namespace howdah::local

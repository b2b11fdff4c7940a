#include "backend/local/api/field_managers.h"

#include <map>
#include <utility>

#include "backend/local/api/go_types.h"

namespace howdah::local {

const Json& WholeSchemaOf(const ResourceInfo& info) {
  static const auto* const kAll = [] {
    auto* all = new std::map<std::string, Json>;
    for (const ResourceInfo& one : AllResources()) {
      Json& whole = (*all)[one.kind] = one.schema;
      Json& fields = whole["properties"];
      fields["apiVersion"] = fields["kind"] = {{"type", "string"}};
      fields["metadata"] = ObjectMetaType();
    }
    return all;
  }();
  return kAll->at(info.kind);
}

FieldManager ManagerOf(const ResourceInfo& info, std::string name,
                       std::string subresource, absl::Time now) {
  FieldManager by;
  by.name = std::move(name);
  by.api_version = info.ApiVersion();
  by.subresource = std::move(subresource);
  by.now = now;
  if (!info.has_status) return by;
  if (by.subresource == "status") {
    by.ignored.Insert({"f:metadata"});
    by.ignored.Insert({"f:spec"});
  } else {
    by.ignored.Insert({"f:status"});
  }
  return by;
}

}  // namespace howdah::local

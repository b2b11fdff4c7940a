// The resource types that the local plane serves, in one visible list.
//
//   const ResourceInfo* clusters =
//       FindResource("postgresql.cnpg.io", "v1", "clusters");
//
// A type is listed only if something acts on it; discovery, OpenAPI, tables and
// validation are all derived from this list.
#ifndef HOWDAH_BACKEND_LOCAL_API_RESOURCE_CATALOGUE_H_
#define HOWDAH_BACKEND_LOCAL_API_RESOURCE_CATALOGUE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// One column of the table that kubectl prints.
struct Column {
  std::string name;
  std::string type;  // string, integer, date, boolean
  std::string description;
  int priority = 0;  // shown with -o wide only if greater than 0
  std::function<Json(const Json& object, absl::Time now)> cell;
};

struct ResourceInfo {
  ResourceType type;
  std::string version;
  std::string kind;
  std::string singular;
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
  bool namespaced = true;
  // Whether clients may create objects, or only the plane does.
  bool creatable = true;
  bool deletable_together = true;
  // A custom resource: no strategic merge, status split off, generation.
  bool custom = false;
  bool has_status = false;
  bool has_scale = false;
  bool has_log = false;
  // Fields beside metadata.name and metadata.namespace to select by.
  std::vector<std::string> selectable_fields;
  std::vector<Column> columns;
  Json schema;

  // "postgresql.cnpg.io/v1", or "v1" in the core group.
  std::string ApiVersion() const;
  std::vector<std::string> Verbs() const;
};

// Threads: immutable after the first call; safe.
const std::vector<ResourceInfo>& AllResources();

// Null if it is not served.
const ResourceInfo* FindResource(absl::string_view group,
                                 absl::string_view version,
                                 absl::string_view plural);

inline constexpr char kCnpgGroup[] = "postgresql.cnpg.io";

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_RESOURCE_CATALOGUE_H_

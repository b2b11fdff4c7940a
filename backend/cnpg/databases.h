// Database objects: their manifest, and reading them.
#ifndef HOWDAH_BACKEND_CNPG_DATABASES_H_
#define HOWDAH_BACKEND_CNPG_DATABASES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/cnpg/object_meta.h"
#include "nlohmann/json_fwd.hpp"

namespace howdah::cnpg {

// How far PostgreSQL has a database as wanted.
enum class DatabaseState { kPending, kApplied, kFailed, kDeleting };

// Threads: a value.
struct Database {
  ObjectMeta meta;
  std::string cluster_name;
  std::string name;
  std::string owner;
  // The object's deletion drops the database.
  bool drop_on_delete = false;
  // Declared to be absent from PostgreSQL.
  bool absent = false;
  DatabaseState state = DatabaseState::kPending;
  // What the operator says about it.
  std::string message;
};

// INVALID_ARGUMENT for text that is no JSON object with a name.
absl::StatusOr<Database> ReadDatabase(absl::string_view json);

struct DatabaseSpec {
  std::string namespace_name;
  std::string object_name;
  std::string cluster_name;
  std::string name;
  std::string owner;
  bool drop_on_delete = false;
  std::string request_id;
  std::string request_digest;
};

nlohmann::json DatabaseManifest(const DatabaseSpec& spec);

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_DATABASES_H_

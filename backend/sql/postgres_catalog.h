// What stands in the catalog of a PostgreSQL server: databases, schemas,
// tables.
//
//   PostgresCatalogReader reader;
//   ASSIGN_OR_RETURN(Catalog catalog, reader.Read(target, {}, limits));
#ifndef HOWDAH_BACKEND_SQL_POSTGRES_CATALOG_H_
#define HOWDAH_BACKEND_SQL_POSTGRES_CATALOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/sql/read_only_session.h"

namespace howdah::sql {

struct CatalogQuery {
  // Empty: all that the login may connect to.
  std::string database = {};
  // Empty: all but those of the system.
  std::string schema = {};
  bool tables = false;
};

struct CatalogSchema {
  std::string database;
  std::string name;
  std::string owner;
  int64_t tables = 0;
  int64_t views = 0;
  int64_t size_bytes = 0;
};

struct CatalogTable {
  std::string database;
  std::string schema;
  std::string name;
  std::string kind;
  std::optional<int64_t> estimated_rows;
  int64_t size_bytes = 0;
};

struct Catalog {
  std::vector<std::string> databases;
  // By database and name.
  std::vector<CatalogSchema> schemas;
  std::vector<CatalogTable> tables;
  // Databases that could not be read, and why.
  std::vector<std::pair<std::string, absl::Status>> missing;
};

// Threads: safe.
class CatalogReader {
 public:
  virtual ~CatalogReader() = default;
  // Connects to the target's database, and from there to the others.
  virtual absl::StatusOr<Catalog> Read(const ConnectionTarget& target,
                                       const CatalogQuery& query,
                                       const SessionLimits& limits) = 0;
};

// Over ReadOnlySession. Sizes and rows are the planner's estimates, since exact
// ones need locks. Limits: the first 20 databases.
class PostgresCatalogReader : public CatalogReader {
 public:
  absl::StatusOr<Catalog> Read(const ConnectionTarget& target,
                               const CatalogQuery& query,
                               const SessionLimits& limits) override;
};

}  // namespace howdah::sql

#endif  // HOWDAH_BACKEND_SQL_POSTGRES_CATALOG_H_

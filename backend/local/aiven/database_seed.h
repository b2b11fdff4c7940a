// What lies in the databases of a new PostgreSQL service of the sandbox:
// schemas and tables with comments and a few rows, known in advance.
//
//   for (const SeedStatement& statement : SeedStatements(service)) { … }
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_DATABASE_SEED_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_DATABASE_SEED_H_

#include <string>
#include <vector>

#include "backend/local/aiven/fleet.h"

namespace howdah::local::aiven {

struct SeedStatement {
  std::string database;
  std::string sql;
};

// In order; to be run as the service's primary user. Services that were made
// later begin empty.
std::vector<SeedStatement> SeedStatements(const Service& service);

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_DATABASE_SEED_H_

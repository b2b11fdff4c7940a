#include "backend/sql/postgres_catalog.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::sql {
namespace {

constexpr size_t kMostDatabases = 20;

constexpr char kDatabases[] =
    "SELECT datname FROM pg_catalog.pg_database "
    "WHERE datallowconn AND NOT datistemplate "
    "AND pg_catalog.has_database_privilege(oid, 'CONNECT') ORDER BY 1";

constexpr char kSchemas[] =
    "SELECT n.nspname, pg_catalog.pg_get_userbyid(n.nspowner), "
    "count(*) FILTER (WHERE c.relkind IN ('r', 'p', 'f') "
    "AND NOT c.relispartition), "
    "count(*) FILTER (WHERE c.relkind IN ('v', 'm')), "
    "coalesce(sum(c.relpages::bigint), 0) "
    "* pg_catalog.current_setting('block_size')::bigint "
    "FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c "
    "ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'f', 'v', 'm') "
    "WHERE CASE WHEN $1::text = '' THEN n.nspname !~ '^pg_' "
    "AND n.nspname <> 'information_schema' ELSE n.nspname = $1::text END "
    "GROUP BY n.nspname, n.nspowner ORDER BY 1 LIMIT 10000";

constexpr char kTables[] =
    "SELECT n.nspname, c.relname, "
    "CASE WHEN c.relispartition THEN 'partition' ELSE CASE c.relkind "
    "WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' "
    "WHEN 'f' THEN 'foreign table' WHEN 'v' THEN 'view' "
    "ELSE 'materialized view' END END, "
    "CASE WHEN c.reltuples >= 0 AND c.relkind IN ('r', 'p', 'm') "
    "THEN c.reltuples::bigint END, "
    "c.relpages::bigint * pg_catalog.current_setting('block_size')::bigint "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
    "ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') "
    "AND CASE WHEN $1::text = '' THEN n.nspname !~ '^pg_' "
    "AND n.nspname <> 'information_schema' ELSE n.nspname = $1::text END "
    "ORDER BY 1, 2 LIMIT 50000";

std::string TextAt(const Row& row, size_t column) {
  return column < row.size() ? row[column].value_or("") : "";
}

int64_t NumberAt(const Row& row, size_t column) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(TextAt(row, column), &number)) number = 0;
  return number;
}

// Reads one database into `catalog`, or nothing of it.
absl::Status ReadDatabase(ReadOnlySession& session, const std::string& database,
                          const CatalogQuery& query, Catalog& catalog) {
  ASSIGN_OR_RETURN(const std::vector<Row> schemas,
                   session.Query(kSchemas, {query.schema}));
  std::vector<Row> tables;
  if (query.tables) {
    ASSIGN_OR_RETURN(tables, session.Query(kTables, {query.schema}));
  }
  for (const Row& row : schemas) {
    catalog.schemas.push_back({.database = database,
                               .name = TextAt(row, 0),
                               .owner = TextAt(row, 1),
                               .tables = NumberAt(row, 2),
                               .views = NumberAt(row, 3),
                               .size_bytes = NumberAt(row, 4)});
  }
  for (const Row& row : tables) {
    CatalogTable& table = catalog.tables.emplace_back(
        CatalogTable{.database = database,
                     .schema = TextAt(row, 0),
                     .name = TextAt(row, 1),
                     .kind = TextAt(row, 2),
                     .estimated_rows = std::nullopt,
                     .size_bytes = NumberAt(row, 4)});
    if (row.size() > 3 && row[3]) table.estimated_rows = NumberAt(row, 3);
  }
  return absl::OkStatus();
}

absl::Status NoSuchDatabase(const std::string& name,
                            const std::vector<std::string>& known) {
  std::string there;
  for (const std::string& database : known) {
    absl::StrAppend(&there, there.empty() ? "" : ", ", database);
  }
  return support::ErrorBuilder(absl::StatusCode::kNotFound, "NO_SUCH_DATABASE",
                               support::kHowdahDomain)
      .Message(absl::StrCat("There is no database \"",
                            absl::Utf8SafeCEscape(name),
                            "\" that may be read; there are ", there, "."))
      .Build();
}

}  // namespace

absl::StatusOr<Catalog> PostgresCatalogReader::Read(
    const ConnectionTarget& target, const CatalogQuery& query,
    const SessionLimits& limits) {
  ASSIGN_OR_RETURN(const auto first, ReadOnlySession::Open(target, limits));
  ASSIGN_OR_RETURN(const std::vector<Row> databases,
                   first->Query(kDatabases, {}));
  Catalog catalog;
  for (const Row& row : databases) catalog.databases.push_back(TextAt(row, 0));
  std::vector<std::string> wanted = catalog.databases;
  if (!query.database.empty()) {
    const bool known =
        std::find(wanted.begin(), wanted.end(), query.database) != wanted.end();
    if (!known) return NoSuchDatabase(query.database, wanted);
    wanted = {query.database};
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (i >= kMostDatabases) {
      catalog.missing.emplace_back(
          wanted[i],
          support::ErrorBuilder(absl::StatusCode::kResourceExhausted,
                                "TOO_MANY_DATABASES", support::kHowdahDomain)
              .Message(absl::StrCat("Only the first ", kMostDatabases,
                                    " databases are read; name this one."))
              .Build());
      continue;
    }
    if (wanted[i] == target.database) {
      RETURN_IF_ERROR(ReadDatabase(*first, wanted[i], query, catalog));
      continue;
    }
    ConnectionTarget other = target;
    other.database = wanted[i];
    const auto session = ReadOnlySession::Open(other, limits);
    const absl::Status read =
        session.ok() ? ReadDatabase(**session, wanted[i], query, catalog)
                     : session.status();
    if (absl::IsCancelled(read) || absl::IsDeadlineExceeded(read)) return read;
    if (!read.ok()) catalog.missing.emplace_back(wanted[i], read);
  }
  return catalog;
}

}  // namespace howdah::sql

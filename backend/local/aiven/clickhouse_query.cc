#include "backend/local/aiven/clickhouse_query.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "backend/local/aiven/api_error.h"
#include "backend/local/aiven/telemetry.h"
#include "proto/support/status_macros.h"
#include "re2/re2.h"

namespace howdah::local::aiven {
namespace {

struct Column {
  std::string name;
  std::string type;
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Json>> rows;

  std::optional<size_t> IndexOf(const std::string& column) const {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name == column) return i;
    }
    return std::nullopt;
  }
};

constexpr int64_t kBytesPerRow = 140;
// Since when the server counts.
constexpr absl::Duration kUptime = absl::Hours(72);

absl::Status Unknown(absl::string_view what) {
  return ApiError(400, absl::StrCat("Code: 62. DB::Exception: the sandbox does "
                                    "not know ",
                                    what));
}

// ClickHouse writes 64-bit integers as texts.
Json Count(double value) { return absl::StrCat(static_cast<int64_t>(value)); }

std::map<std::string, Table> SystemTables(const Service& service,
                                          absl::Time now) {
  // Counters go on with the time, from a start that is always the same.
  double day_seconds =
      absl::FDivDuration(now - absl::UnixEpoch(), absl::Seconds(1)) -
      86400.0 *
          static_cast<int64_t>((now - absl::UnixEpoch()) / absl::Hours(24));
  double uptime = absl::ToDoubleSeconds(kUptime) + day_seconds;
  double inserted = InsertedRowsPerSecond(service) * uptime;
  std::map<std::string, Table> tables;
  tables["system.databases"] = {
      {{"name", "String"}, {"engine", "String"}},
      {{"default", "Replicated"}, {"system", "Atomic"}}};
  tables["system.tables"] = {
      {{"database", "String"},
       {"name", "String"},
       {"engine", "String"},
       {"total_rows", "Nullable(UInt64)"},
       {"total_bytes", "Nullable(UInt64)"}},
      {{"default", "page_views", "ReplicatedMergeTree", Count(inserted),
        Count(inserted * kBytesPerRow)},
       {"default", "sessions", "ReplicatedMergeTree", Count(inserted / 9),
        Count(inserted / 9 * kBytesPerRow)}}};
  tables["system.events"] = {
      {{"event", "String"}, {"value", "UInt64"}, {"description", "String"}},
      {{"InsertedRows", Count(inserted), "Number of rows INSERTed"},
       {"InsertedBytes", Count(inserted * kBytesPerRow),
        "Number of bytes (uncompressed) INSERTed"},
       {"InsertQuery", Count(inserted / 10000), "Number of INSERT queries"}}};
  tables["system.asynchronous_metrics"] = {
      {{"metric", "String"}, {"value", "Float64"}},
      {{"Uptime", uptime},
       {"TotalRowsOfMergeTreeTables", inserted * 10 / 9},
       {"TotalBytesOfMergeTreeTables", inserted * 10 / 9 * kBytesPerRow}}};
  return tables;
}

struct Parsed {
  std::string columns;
  std::string table;
  std::string condition;
};

absl::StatusOr<Parsed> Parse(const std::string& query) {
  static const RE2 kShape(
      R"((?is)\s*select\s+([a-z0-9_*,\s]+?)\s+from\s+(system\.[a-z_]+))"
      R"((?:\s+where\s+(.+?))?\s*(?:format\s+json(?:compact)?)?\s*;?\s*)");
  Parsed parsed;
  if (!RE2::FullMatch(query, kShape, &parsed.columns, &parsed.table,
                      &parsed.condition)) {
    return Unknown("this query");
  }
  parsed.table = absl::AsciiStrToLower(parsed.table);
  return parsed;
}

// Column and values of `a = 'x'` or `a IN ('x', 'y')`.
absl::StatusOr<std::pair<std::string, std::set<std::string>>> ParseCondition(
    const std::string& condition) {
  static const RE2 kEquals(R"((?i)\s*([a-z_]+)\s*=\s*('[^']*')\s*)");
  static const RE2 kIn(R"((?i)\s*([a-z_]+)\s+in\s*\(([^()]*)\)\s*)");
  std::string column, values;
  if (!RE2::FullMatch(condition, kEquals, &column, &values) &&
      !RE2::FullMatch(condition, kIn, &column, &values)) {
    return Unknown("this condition");
  }
  std::set<std::string> texts;
  for (absl::string_view value : absl::StrSplit(values, ',')) {
    value = absl::StripAsciiWhitespace(value);
    if (!absl::ConsumePrefix(&value, "'") ||
        !absl::ConsumeSuffix(&value, "'")) {
      return Unknown("this condition");
    }
    texts.insert(std::string(value));
  }
  return std::make_pair(column, texts);
}

Json Answer(const std::vector<Column>& columns, Json data) {
  Json meta = Json::array();
  for (const Column& column : columns) {
    meta.push_back({{"name", column.name}, {"type", column.type}});
  }
  Json summary = {{"elapsed_ns", 1200000},
                  {"read_rows", data.size()},
                  {"result_rows", data.size()},
                  {"written_rows", 0},
                  {"written_bytes", 0}};
  return {{"meta", std::move(meta)},
          {"data", std::move(data)},
          {"summary", std::move(summary)}};
}

absl::StatusOr<std::vector<size_t>> Chosen(const Table& table,
                                           const std::string& list) {
  std::vector<size_t> chosen;
  for (absl::string_view part : absl::StrSplit(list, ',')) {
    std::string name(absl::StripAsciiWhitespace(part));
    if (name == "*") {
      for (size_t i = 0; i < table.columns.size(); ++i) chosen.push_back(i);
      continue;
    }
    std::optional<size_t> index = table.IndexOf(name);
    if (!index.has_value()) return Unknown(absl::StrCat("column ", name));
    chosen.push_back(*index);
  }
  return chosen;
}

}  // namespace

absl::StatusOr<Json> ClickHouseAnswer(const Service& service,
                                      const std::string& query,
                                      absl::Time now) {
  static const RE2 kOne(R"((?i)\s*select\s+1\s*;?\s*)");
  if (RE2::FullMatch(query, kOne)) {
    return Answer({{"1", "UInt8"}}, Json::array({Json::array({1})}));
  }
  ASSIGN_OR_RETURN(Parsed parsed, Parse(query));
  std::map<std::string, Table> tables = SystemTables(service, now);
  auto found = tables.find(parsed.table);
  if (found == tables.end()) {
    return Unknown(absl::StrCat("table ", parsed.table));
  }
  const Table& table = found->second;
  ASSIGN_OR_RETURN(std::vector<size_t> chosen, Chosen(table, parsed.columns));
  std::optional<size_t> filter;
  std::set<std::string> values;
  if (!parsed.condition.empty()) {
    ASSIGN_OR_RETURN(auto condition, ParseCondition(parsed.condition));
    filter = table.IndexOf(condition.first);
    if (!filter.has_value()) {
      return Unknown(absl::StrCat("column ", condition.first));
    }
    values = std::move(condition.second);
  }
  Json data = Json::array();
  for (const std::vector<Json>& row : table.rows) {
    if (filter.has_value() && values.count(row[*filter]) == 0) continue;
    Json out = Json::array();
    for (size_t index : chosen) out.push_back(row[index]);
    data.push_back(std::move(out));
  }
  std::vector<Column> columns;
  for (size_t index : chosen) columns.push_back(table.columns[index]);
  return Answer(columns, std::move(data));
}

}  // namespace howdah::local::aiven

#include "backend/local/controllers/database_plan.h"

#include "absl/strings/str_cat.h"

namespace howdah::local::controllers {
namespace {

// Options of CREATE DATABASE that take a text, by their name in the spec.
struct TextOption {
  const char* field;
  const char* keyword;
  bool is_identifier;
};
constexpr TextOption kTextOptions[] = {
    {"owner", "OWNER", true},
    {"template", "TEMPLATE", true},
    {"tablespace", "TABLESPACE", true},
    {"encoding", "ENCODING", false},
    {"locale", "LOCALE", false},
    {"localeProvider", "LOCALE_PROVIDER", false},
    {"localeCollate", "LC_COLLATE", false},
    {"localeCType", "LC_CTYPE", false},
    {"icuLocale", "ICU_LOCALE", false},
    {"icuRules", "ICU_RULES", false},
    {"builtinLocale", "BUILTIN_LOCALE", false},
    {"collationVersion", "COLLATION_VERSION", false},
};

bool IsAbsent(const Json& object) { return Text(object, "ensure") == "absent"; }

std::string Create(const Json& spec, const postgres::SqlQuoting& quote) {
  std::string sql =
      absl::StrCat("CREATE DATABASE ", quote.Identifier(Text(spec, "name")));
  for (const TextOption& option : kTextOptions) {
    const std::string value = Text(spec, option.field);
    if (value.empty()) continue;
    absl::StrAppend(
        &sql, " ", option.keyword, " ",
        option.is_identifier ? quote.Identifier(value) : quote.Literal(value));
  }
  if (spec.contains("isTemplate")) {
    absl::StrAppend(&sql, " IS_TEMPLATE ",
                    Flag(spec, "isTemplate", false) ? "true" : "false");
  }
  if (spec.contains("allowConnections")) {
    absl::StrAppend(&sql, " ALLOW_CONNECTIONS ",
                    Flag(spec, "allowConnections", true) ? "true" : "false");
  }
  if (spec.contains("connectionLimit")) {
    absl::StrAppend(&sql, " CONNECTION LIMIT ",
                    Number(spec, "connectionLimit", -1));
  }
  return sql;
}

}  // namespace

std::vector<std::string> PlanDatabase(const Json& spec,
                                      const std::optional<DatabaseState>& state,
                                      const postgres::SqlQuoting& quote) {
  const std::string name = quote.Identifier(Text(spec, "name"));
  if (IsAbsent(spec)) {
    if (!state.has_value()) return {};
    return {absl::StrCat("DROP DATABASE ", name)};
  }
  if (!state.has_value()) return {Create(spec, quote)};
  std::vector<std::string> statements;
  auto alter = [&](const std::string& what) {
    statements.push_back(absl::StrCat("ALTER DATABASE ", name, " ", what));
  };
  if (std::string owner = Text(spec, "owner");
      !owner.empty() && owner != state->owner) {
    alter("OWNER TO " + quote.Identifier(owner));
  }
  if (std::string tablespace = Text(spec, "tablespace");
      !tablespace.empty() && tablespace != state->tablespace) {
    alter("SET TABLESPACE " + quote.Identifier(tablespace));
  }
  if (bool is_template = Flag(spec, "isTemplate", state->is_template);
      is_template != state->is_template) {
    alter(is_template ? "IS_TEMPLATE true" : "IS_TEMPLATE false");
  }
  if (bool allow = Flag(spec, "allowConnections", state->allow_connections);
      allow != state->allow_connections) {
    alter(allow ? "ALLOW_CONNECTIONS true" : "ALLOW_CONNECTIONS false");
  }
  if (int64_t limit = Number(spec, "connectionLimit", state->connection_limit);
      limit != state->connection_limit) {
    alter(absl::StrCat("CONNECTION LIMIT ", limit));
  }
  return statements;
}

std::vector<std::string> PlanSchema(const Json& schema,
                                    const std::optional<InnerState>& state,
                                    const postgres::SqlQuoting& quote) {
  const std::string name = quote.Identifier(Text(schema, "name"));
  if (IsAbsent(schema)) {
    if (!state.has_value()) return {};
    return {absl::StrCat("DROP SCHEMA ", name)};
  }
  const std::string owner = Text(schema, "owner");
  if (!state.has_value()) {
    return {absl::StrCat("CREATE SCHEMA ", name,
                         owner.empty() ? "" : " AUTHORIZATION ",
                         owner.empty() ? "" : quote.Identifier(owner))};
  }
  if (owner.empty() || owner == state->owner) return {};
  return {absl::StrCat("ALTER SCHEMA ", name, " OWNER TO ",
                       quote.Identifier(owner))};
}

std::vector<std::string> PlanExtension(const Json& extension,
                                       const std::optional<InnerState>& state,
                                       const postgres::SqlQuoting& quote) {
  const std::string name = quote.Identifier(Text(extension, "name"));
  if (IsAbsent(extension)) {
    if (!state.has_value()) return {};
    return {absl::StrCat("DROP EXTENSION ", name)};
  }
  const std::string version = Text(extension, "version");
  const std::string schema = Text(extension, "schema");
  if (!state.has_value()) {
    std::string sql = absl::StrCat("CREATE EXTENSION ", name);
    if (!schema.empty()) {
      absl::StrAppend(&sql, " SCHEMA ", quote.Identifier(schema));
    }
    if (!version.empty()) {
      absl::StrAppend(&sql, " VERSION ", quote.Literal(version));
    }
    return {sql};
  }
  std::vector<std::string> statements;
  if (!version.empty() && version != state->version) {
    statements.push_back(absl::StrCat("ALTER EXTENSION ", name, " UPDATE TO ",
                                      quote.Literal(version)));
  }
  if (!schema.empty() && schema != state->schema) {
    statements.push_back(absl::StrCat("ALTER EXTENSION ", name, " SET SCHEMA ",
                                      quote.Identifier(schema)));
  }
  return statements;
}

}  // namespace howdah::local::controllers

#include "backend/local/store/sqlite_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

absl::Status ErrorOf(sqlite3* connection, int code) {
  const char* text = sqlite3_errmsg(connection);
  const char* path = sqlite3_db_filename(connection, "main");
  std::string file = path == nullptr ? "the object store" : path;
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(
          absl::StrCat("The disk that holds ", file,
                       " is full; nothing was changed. Free some space and "
                       "repeat the request."));
    case SQLITE_BUSY:
      return absl::FailedPreconditionError(
          absl::StrCat(file,
                       " is in use by another howdah-local; stop it first "
                       "(howdah-local stop) or use another --data-dir."));
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return absl::DataLossError(
          absl::StrCat(file, " is damaged (", text,
                       "); move it away to start with an empty plane."));
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return absl::PermissionDeniedError(
          absl::StrCat("Cannot open ", file, " for writing: ", text));
    default:
      return absl::InternalError(
          absl::StrCat("SQLite failed on ", file, ": ", text));
  }
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement& Statement::Bind(int parameter, int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
  return *this;
}

Statement& Statement::Bind(int parameter, absl::string_view value) {
  sqlite3_bind_text64(statement_.get(), parameter, value.data(), value.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

absl::Status Statement::Run() {
  while (true) {
    absl::StatusOr<bool> row = Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
  }
}

absl::StatusOr<bool> Statement::Step() {
  int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  absl::Status status;
  if (code != SQLITE_DONE) {
    status = ErrorOf(sqlite3_db_handle(statement_.get()), code);
  }
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  if (!status.ok()) return status;
  return false;
}

int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

absl::string_view Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void SqliteDatabase::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(
    const std::string& path) {
  // SQLite gives its log the mode of the file; both hold secrets.
  int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0) close(file);
  sqlite3* connection = nullptr;
  int code = sqlite3_open_v2(
      path.c_str(), &connection,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
      nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(connection));
  if (code != SQLITE_OK) return ErrorOf(connection, code);
  // EXCLUSIVE before WAL: the index of the log is then in this process' memory
  // and not in a mapped file, which could not grow on a full disk.
  RETURN_IF_ERROR(
      database->Execute("PRAGMA locking_mode=EXCLUSIVE;"
                        "PRAGMA journal_mode=WAL;"
                        "PRAGMA synchronous=NORMAL;"
                        "BEGIN EXCLUSIVE; COMMIT;"));
  return database;
}

absl::Status SqliteDatabase::Execute(const char* sql) {
  int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return ErrorOf(connection_.get(), code);
  return absl::OkStatus();
}

absl::StatusOr<Statement> SqliteDatabase::Prepare(absl::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v3(connection_.get(), sql.data(),
                                static_cast<int>(sql.size()),
                                SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return ErrorOf(connection_.get(), code);
  return Statement(statement);
}

void SqliteDatabase::Rollback() {
  if (sqlite3_get_autocommit(connection_.get()) == 0) {
    sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

}  // namespace howdah::local

// SQLite as values and statuses: open, prepare, bind, step.
//
//   ASSIGN_OR_RETURN(auto database, SqliteDatabase::Open("/data/objects.db"));
//   ASSIGN_OR_RETURN(Statement insert,
//                    database->Prepare("INSERT INTO t VALUES (?1, ?2)"));
//   RETURN_IF_ERROR(insert.Bind(1, 7).Bind(2, "text").Run());
#ifndef HOWDAH_BACKEND_LOCAL_STORE_SQLITE_DATABASE_H_
#define HOWDAH_BACKEND_LOCAL_STORE_SQLITE_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace howdah::local {

// A prepared statement. Threads: not safe. Owns: the sqlite3_stmt.
// Limits: must not outlive its database.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  // Parameters count from 1. Text is copied.
  Statement& Bind(int parameter, int64_t value);
  Statement& Bind(int parameter, absl::string_view value);

  // Runs to the end, and makes the statement ready for the next use.
  absl::Status Run();

  // Advances to the next row; false after the last one, and the statement is
  // ready for the next use.
  absl::StatusOr<bool> Step();

  // Columns of the present row count from 0; text is valid until the next step.
  int64_t Integer(int column) const;
  absl::string_view Text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Threads: not safe; one user at a time. Owns: the connection and, for as long
// as it lives, the only right to open the file (FAILED_PRECONDITION for
// others). Limits: WAL with synchronous=NORMAL: a commit survives the death of
// the process; the newest ones may be lost when the machine loses power.
class SqliteDatabase {
 public:
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(
      const std::string& path);

  absl::Status Execute(const char* sql);
  absl::StatusOr<Statement> Prepare(absl::string_view sql);

  // Undoes the open transaction, if there is one.
  void Rollback();

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  explicit SqliteDatabase(sqlite3* connection) : connection_(connection) {}

  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_STORE_SQLITE_DATABASE_H_

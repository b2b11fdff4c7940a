// One transaction on a PostgreSQL server that can only read.
//
//   ASSIGN_OR_RETURN(auto session, ReadOnlySession::Open(target, limits));
//   ASSIGN_OR_RETURN(Rows rows, session->Query("SELECT 1", {}));
//
// Privilege is the guard, not a look at the text: the server itself is told
// that every transaction is read only, with short time limits. Queries are this
// project's own; values go as parameters.
#ifndef HOWDAH_BACKEND_SQL_READ_ONLY_SESSION_H_
#define HOWDAH_BACKEND_SQL_READ_ONLY_SESSION_H_

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace howdah::sql {

// Where to connect. The server's certificate must be of this authority and name
// the host.
struct ConnectionTarget {
  std::string host;
  std::string port;
  std::string user;
  std::string password;
  std::string database;
  // PEM.
  std::string certificate_authority;
};

struct SessionLimits {
  absl::Time deadline = absl::InfiniteFuture();
  std::stop_token cancelled = {};
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration statement_timeout = absl::Seconds(15);
};

// Texts; nothing for NULL.
using Row = std::vector<std::optional<std::string>>;

// Threads: not safe. Owns: the connection, which ends with it.
// Limits: 50,000 rows a query.
class ReadOnlySession {
 public:
  // UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, or PERMISSION_DENIED for a login
  // that the server refuses. Errors never have the password.
  static absl::StatusOr<std::unique_ptr<ReadOnlySession>> Open(
      const ConnectionTarget& target, const SessionLimits& limits);
  ~ReadOnlySession();

  absl::StatusOr<std::vector<Row>> Query(
      const char* query, const std::vector<std::string>& parameters);

 private:
  class Impl;
  explicit ReadOnlySession(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::sql

#endif  // HOWDAH_BACKEND_SQL_READ_ONLY_SESSION_H_

// SQL as superuser over the Unix socket, every call bounded in time.
//
//   ASSIGN_OR_RETURN(Connection db, Connection::Open(endpoint, timeout));
//   ASSIGN_OR_RETURN(Rows rows, db.Query("SELECT oid FROM pg_database WHERE "
//                                        "datname = $1", {name}));
//   RETURN_IF_ERROR(db.Execute("DROP ROLE " + db.Identifier(role)));
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_CONNECTION_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_CONNECTION_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/local/postgres/sql_quoting.h"

namespace howdah::local::postgres {

// Where a server listens.
struct Endpoint {
  std::string socket_directory;
  int port = 0;
};

// A NULL is nullopt.
using Row = std::vector<std::optional<std::string>>;
using Rows = std::vector<Row>;

// Threads: not safe. Owns: one server session. Limits: a statement that takes
// longer than the timeout is cancelled; results are kept whole in memory.
class Connection : public SqlQuoting {
 public:
  // UNAVAILABLE if no server answers within `timeout`, which also bounds every
  // later statement.
  static absl::StatusOr<Connection> Open(const Endpoint& endpoint,
                                         absl::string_view database,
                                         absl::Duration timeout);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection() override;

  // One statement with $1, $2... bound as text.
  absl::StatusOr<Rows> Query(absl::string_view sql,
                             const std::vector<std::string>& values = {});
  absl::Status Execute(absl::string_view sql);

  void set_timeout(absl::Duration timeout) { timeout_ = timeout; }

  std::string Identifier(absl::string_view name) const override;
  std::string Literal(absl::string_view text) const override;

  // The SCRAM verifier of a password, so that the server never sees it.
  absl::StatusOr<std::string> EncryptPassword(absl::string_view role,
                                              absl::string_view password);

 private:
  struct Session;
  Connection(std::unique_ptr<Session> session, absl::Duration timeout);

  std::unique_ptr<Session> session_;
  absl::Duration timeout_;
};

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_CONNECTION_H_

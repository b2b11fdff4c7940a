#include "backend/local/postgres/connection.h"

#include <poll.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/local/postgres/errors.h"
#include "postgresql/libpq-fe.h"
#include "proto/support/status_macros.h"

namespace howdah::local::postgres {
namespace {

// Waits until the socket is ready; false when the deadline has passed.
bool WaitFor(PGconn* connection, int16_t events, absl::Time deadline) {
  while (true) {
    absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    pollfd descriptor{PQsocket(connection), events, 0};
    int ready = poll(&descriptor, 1,
                     static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;
  }
}

void Cancel(PGconn* connection) {
  PGcancel* cancel = PQgetCancel(connection);
  if (cancel == nullptr) return;
  char error[256];
  PQcancel(cancel, error, sizeof(error));
  PQfreeCancel(cancel);
}

std::string Field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

absl::Status ErrorOf(PGconn* connection, const PGresult* result) {
  std::string message = Field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) return ServerUnavailable(PQerrorMessage(connection));
  return StatementFailed(Field(result, PG_DIAG_SQLSTATE), message,
                         Field(result, PG_DIAG_MESSAGE_DETAIL));
}

Rows RowsOf(const PGresult* result) {
  Rows rows(PQntuples(result));
  const int columns = PQnfields(result);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].resize(columns);
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, i, column)) continue;
      rows[i][column] = std::string(PQgetvalue(result, i, column),
                                    PQgetlength(result, i, column));
    }
  }
  return rows;
}

}  // namespace

struct Connection::Session {
  PGconn* pg = nullptr;
  ~Session() { PQfinish(pg); }
};

Connection::Connection(std::unique_ptr<Session> session, absl::Duration timeout)
    : session_(std::move(session)), timeout_(timeout) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

absl::StatusOr<Connection> Connection::Open(const Endpoint& endpoint,
                                            absl::string_view database,
                                            absl::Duration timeout) {
  const std::string port = absl::StrCat(endpoint.port);
  const std::string name(database);
  // Statements of the plane may contain password verifiers: never logged.
  const std::pair<const char*, const char*> parameters[] = {
      {"host", endpoint.socket_directory.c_str()},
      {"port", port.c_str()},
      {"user", "postgres"},
      {"dbname", name.c_str()},
      {"sslmode", "disable"},
      {"gssencmode", "disable"},
      {"application_name", "howdah-local"},
      {"client_encoding", "UTF8"},
      {"options",
       "-c log_statement=none -c log_min_error_statement=panic "
       "-c log_min_duration_statement=-1"},
  };
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : parameters) {
    keys.push_back(key);
    values.push_back(value);
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  auto session = std::make_unique<Session>();
  session->pg =
      PQconnectStartParams(keys.data(), values.data(), /*expand_dbname=*/0);
  const absl::Time deadline = absl::Now() + timeout;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (PQstatus(session->pg) != CONNECTION_BAD) {
    bool writing = state == PGRES_POLLING_WRITING;
    if (!WaitFor(session->pg, writing ? POLLOUT : POLLIN, deadline)) {
      return ServerUnavailable("the server does not answer");
    }
    state = PQconnectPoll(session->pg);
    if (state == PGRES_POLLING_OK || state == PGRES_POLLING_FAILED) break;
  }
  if (PQstatus(session->pg) != CONNECTION_OK) {
    return ServerUnavailable(PQerrorMessage(session->pg));
  }
  PQsetnonblocking(session->pg, 1);
  // Notices would go to our stderr, which is a log of JSON lines.
  PQsetNoticeProcessor(
      session->pg, [](void*, const char*) {}, nullptr);
  return Connection(std::move(session), timeout);
}

absl::StatusOr<Rows> Connection::Query(absl::string_view sql,
                                       const std::vector<std::string>& values) {
  PGconn* pg = session_->pg;
  std::vector<const char*> parameters;
  for (const std::string& value : values) parameters.push_back(value.c_str());
  if (PQsendQueryParams(pg, std::string(sql).c_str(), parameters.size(),
                        nullptr, parameters.data(), nullptr, nullptr, 0) == 0) {
    return ServerUnavailable(PQerrorMessage(pg));
  }
  const absl::Time deadline = absl::Now() + timeout_;
  while (int pending = PQflush(pg)) {
    if (pending < 0) return ServerUnavailable(PQerrorMessage(pg));
    if (!WaitFor(pg, POLLOUT, deadline)) return StatementTimedOut();
  }
  absl::StatusOr<Rows> answer = Rows();
  while (true) {
    while (PQisBusy(pg)) {
      if (!WaitFor(pg, POLLIN, deadline)) {
        Cancel(pg);
        return StatementTimedOut();
      }
      if (PQconsumeInput(pg) == 0) return ServerUnavailable(PQerrorMessage(pg));
    }
    PGresult* result = PQgetResult(pg);
    if (result == nullptr) return answer;
    absl::Cleanup clear = [result] { PQclear(result); };
    switch (PQresultStatus(result)) {
      case PGRES_TUPLES_OK:
        answer = RowsOf(result);
        break;
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        break;
      default:
        answer = ErrorOf(pg, result);
    }
  }
}

absl::Status Connection::Execute(absl::string_view sql) {
  return Query(sql).status();
}

std::string Connection::Identifier(absl::string_view name) const {
  char* quoted = PQescapeIdentifier(session_->pg, name.data(), name.size());
  // Only text that is no UTF-8 is refused; a name that matches nothing is the
  // safe answer.
  if (quoted == nullptr) return "\"\"";
  std::string result = quoted;
  PQfreemem(quoted);
  return result;
}

std::string Connection::Literal(absl::string_view text) const {
  char* quoted = PQescapeLiteral(session_->pg, text.data(), text.size());
  if (quoted == nullptr) return "NULL";
  std::string result = quoted;
  PQfreemem(quoted);
  return result;
}

absl::StatusOr<std::string> Connection::EncryptPassword(
    absl::string_view role, absl::string_view password) {
  char* verifier =
      PQencryptPasswordConn(session_->pg, std::string(password).c_str(),
                            std::string(role).c_str(), "scram-sha-256");
  if (verifier == nullptr) {
    return absl::InternalError("the password cannot be encrypted");
  }
  std::string result = verifier;
  PQfreemem(verifier);
  return result;
}

}  // namespace howdah::local::postgres

#include "backend/sql/read_only_session.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/sql/libpq_library.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::sql {
namespace {

constexpr int kMostRows = 50'000;
constexpr size_t kLongestMessage = 300;

absl::Status SqlError(absl::StatusCode code, absl::string_view reason,
                      absl::string_view message) {
  return support::ErrorBuilder(code, reason, support::kHowdahDomain)
      .Message(message)
      .Build();
}

// A file that only this process can see, for what libpq wants to read by path.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& text)
      : descriptor_(::memfd_create("certificate", MFD_CLOEXEC)) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    good_ = written == static_cast<ssize_t>(text.size());
  }
  ~MemoryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  bool good() const { return good_; }
  std::string path() const {
    return absl::StrCat("/proc/self/fd/", descriptor_);
  }

 private:
  const int descriptor_;
  bool good_ = false;
};

// Wakes a poll when the call is cancelled.
class CancelEvent {
 public:
  explicit CancelEvent(const std::stop_token& cancelled)
      : descriptor_(::eventfd(0, EFD_CLOEXEC)), on_stop_(cancelled, [this] {
          const uint64_t one = 1;
          (void)!::write(descriptor_, &one, sizeof(one));
        }) {}
  ~CancelEvent() { ::close(descriptor_); }
  CancelEvent(const CancelEvent&) = delete;
  CancelEvent& operator=(const CancelEvent&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
  const std::stop_callback<std::function<void()>> on_stop_;
};

std::string Milliseconds(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Milliseconds(duration));
}

}  // namespace

class ReadOnlySession::Impl {
 public:
  Impl(const ConnectionTarget& target, const SessionLimits& limits)
      : target_(target),
        limits_(limits),
        authority_(target.certificate_authority),
        cancel_(limits.cancelled) {}
  ~Impl() {
    if (connection_ != nullptr) Libpq().finish(connection_);
  }

  absl::Status Connect();
  absl::StatusOr<std::vector<Row>> Query(
      const char* query, const std::vector<std::string>& parameters);

 private:
  absl::Status WaitFor(int16_t events, absl::Time until);
  absl::Status ConnectError() const;
  absl::StatusOr<PGresult*> LastResult();
  absl::Status ErrorOf(PGresult* result) const;

  const ConnectionTarget target_;
  const SessionLimits limits_;
  const MemoryFile authority_;
  const CancelEvent cancel_;
  PGconn* connection_ = nullptr;
};

absl::Status ReadOnlySession::Impl::WaitFor(int16_t events, absl::Time until) {
  while (true) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) {
      return SqlError(absl::StatusCode::kDeadlineExceeded, "SQL_TIMEOUT",
                      absl::StrCat("PostgreSQL at ", target_.host,
                                   " did not answer in time."));
    }
    constexpr absl::Duration kLongestPoll = absl::Minutes(1);
    pollfd watched[] = {{Libpq().socket(connection_), events, 0},
                        {cancel_.descriptor(), POLLIN, 0}};
    const int ready =
        ::poll(watched, 2,
               static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(
                   std::min(left, kLongestPoll), absl::Milliseconds(1)))));
    if (ready > 0 && watched[1].revents != 0) {
      return SqlError(absl::StatusCode::kCancelled, "CANCELLED",
                      "The call was cancelled.");
    }
    if (ready > 0) return absl::OkStatus();
  }
}

absl::Status ReadOnlySession::Impl::ConnectError() const {
  // libpq's text names the host and why; it has no password in it.
  std::string text = Libpq().error_message(connection_);
  for (char& c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  text.resize(std::min(text.size(), kLongestMessage));
  absl::StripAsciiWhitespace(&text);
  const bool login = text.find("authentication failed") != std::string::npos ||
                     text.find("no pg_hba.conf entry") != std::string::npos ||
                     text.find("permission denied") != std::string::npos;
  return SqlError(login ? absl::StatusCode::kPermissionDenied
                        : absl::StatusCode::kUnavailable,
                  login ? "SQL_LOGIN_REFUSED" : "SQL_CONNECT_FAILED",
                  absl::StrCat("Database \"", target_.database, "\" at ",
                               target_.host, ": ", text,
                               ". The address of this server must be among "
                               "those that the service lets in."));
}

absl::Status ReadOnlySession::Impl::Connect() {
  if (!authority_.good()) {
    return SqlError(absl::StatusCode::kInternal, "CERTIFICATE_NOT_KEPT",
                    "The certificate cannot be handed to libpq.");
  }
  const std::string options = absl::StrCat(
      "-c default_transaction_read_only=on -c search_path=pg_catalog "
      "-c statement_timeout=",
      Milliseconds(limits_.statement_timeout),
      " -c lock_timeout=2000 -c idle_in_transaction_session_timeout=",
      Milliseconds(limits_.statement_timeout));
  const std::string authority = authority_.path();
  const std::pair<const char*, const char*> settings[] = {
      {"host", target_.host.c_str()},
      {"port", target_.port.c_str()},
      {"user", target_.user.c_str()},
      {"password", target_.password.c_str()},
      {"dbname", target_.database.c_str()},
      {"sslmode", "verify-full"},
      {"sslrootcert", authority.c_str()},
      // Nothing of the account that runs this program.
      {"sslcert", "/nonexistent"},
      {"sslkey", "/nonexistent"},
      {"passfile", "/nonexistent"},
      {"gssencmode", "disable"},
      {"application_name", "howdah"},
      {"options", options.c_str()},
      {"client_encoding", "UTF8"},
  };
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : settings) {
    keys.push_back(key);
    values.push_back(value);
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = Libpq().connect_start_params(keys.data(), values.data(), 0);
  if (connection_ == nullptr) return absl::InternalError("libpq has no memory");
  const absl::Time until =
      std::min(limits_.deadline, absl::Now() + limits_.connect_timeout);
  PostgresPollingStatusType wants = PGRES_POLLING_WRITING;
  while (wants != PGRES_POLLING_OK) {
    if (Libpq().status(connection_) == CONNECTION_BAD ||
        wants == PGRES_POLLING_FAILED) {
      return ConnectError();
    }
    RETURN_IF_ERROR(
        WaitFor(wants == PGRES_POLLING_READING ? POLLIN : POLLOUT, until));
    wants = Libpq().connect_poll(connection_);
  }
  if (Libpq().setnonblocking(connection_, 1) != 0) return ConnectError();
  return Query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
               {})
      .status();
}

absl::Status ReadOnlySession::Impl::ErrorOf(PGresult* result) const {
  const char* state = Libpq().result_error_field(result, PG_DIAG_SQLSTATE);
  const char* text =
      Libpq().result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
  std::string message = text == nullptr ? "the connection was lost" : text;
  message.resize(std::min(message.size(), kLongestMessage));
  const bool denied = state != nullptr && std::string(state) == "42501";
  return SqlError(denied ? absl::StatusCode::kPermissionDenied
                         : absl::StatusCode::kUnavailable,
                  denied ? "SQL_PERMISSION" : "SQL_FAILED",
                  absl::StrCat("Database \"", target_.database, "\" at ",
                               target_.host, ": ", message, "."));
}

// The caller clears it.
absl::StatusOr<PGresult*> ReadOnlySession::Impl::LastResult() {
  PGresult* last = nullptr;
  while (true) {
    while (Libpq().is_busy(connection_) != 0) {
      const absl::Status waited = WaitFor(POLLIN, limits_.deadline);
      if (!waited.ok() || Libpq().consume_input(connection_) == 0) {
        Libpq().clear(last);
        return waited.ok() ? ConnectError() : waited;
      }
    }
    PGresult* const next = Libpq().get_result(connection_);
    if (next == nullptr) return last;
    Libpq().clear(last);
    last = next;
  }
}

absl::StatusOr<std::vector<Row>> ReadOnlySession::Impl::Query(
    const char* query, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) {
    values.push_back(parameter.c_str());
  }
  if (Libpq().send_query_params(connection_, query,
                                static_cast<int>(values.size()), nullptr,
                                values.data(), nullptr, nullptr, 0) == 0) {
    return ConnectError();
  }
  while (Libpq().flush(connection_) > 0) {
    RETURN_IF_ERROR(WaitFor(POLLOUT, limits_.deadline));
  }
  ASSIGN_OR_RETURN(PGresult* const result, LastResult());
  const ExecStatusType status = Libpq().result_status(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    const absl::Status error = ErrorOf(result);
    Libpq().clear(result);
    return error;
  }
  std::vector<Row> rows;
  const int count = std::min(Libpq().ntuples(result), kMostRows);
  for (int i = 0; i < count; ++i) {
    Row& row = rows.emplace_back();
    for (int j = 0; j < Libpq().nfields(result); ++j) {
      if (Libpq().getisnull(result, i, j) != 0) {
        row.emplace_back(std::nullopt);
      } else {
        row.emplace_back(Libpq().getvalue(result, i, j));
      }
    }
  }
  Libpq().clear(result);
  return rows;
}

absl::StatusOr<std::unique_ptr<ReadOnlySession>> ReadOnlySession::Open(
    const ConnectionTarget& target, const SessionLimits& limits) {
  RETURN_IF_ERROR(LoadLibpq());
  auto impl = std::make_unique<Impl>(target, limits);
  RETURN_IF_ERROR(impl->Connect());
  return std::unique_ptr<ReadOnlySession>(new ReadOnlySession(std::move(impl)));
}

ReadOnlySession::ReadOnlySession(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
ReadOnlySession::~ReadOnlySession() = default;

absl::StatusOr<std::vector<Row>> ReadOnlySession::Query(
    const char* query, const std::vector<std::string>& parameters) {
  return impl_->Query(query, parameters);
}

}  // namespace howdah::sql

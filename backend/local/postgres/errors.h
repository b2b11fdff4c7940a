// Every error of the PostgreSQL layer, by name.
//
//   return CommandFailed("initdb", 1, output);
//
// They end in the status, the events and the log of the local plane, never on
// the wire, so they are plain statuses; a failed statement keeps SQLSTATE and
// DETAIL, which callers read with SqlState() and ErrorDetail().
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_ERRORS_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace howdah::local::postgres {

// A system call failed; takes errno. RESOURCE_EXHAUSTED when the disk is full.
absl::Status SystemError(absl::string_view what, int error_number);

// A PostgreSQL program ended with a failure. The message has the last lines of
// its output; RESOURCE_EXHAUSTED when they tell of a full disk.
absl::Status CommandFailed(absl::string_view program, int exit_code,
                           absl::string_view output);
absl::Status CommandTimedOut(absl::string_view program);
absl::Status CommandCancelled(absl::string_view program);

// No server answers: UNAVAILABLE.
absl::Status ServerUnavailable(absl::string_view reason);
// A statement took longer than allowed: DEADLINE_EXCEEDED.
absl::Status StatementTimedOut();
// A statement failed.
absl::Status StatementFailed(absl::string_view sqlstate,
                             absl::string_view message,
                             absl::string_view detail);

// No PostgreSQL at all is installed: NOT_FOUND.
absl::Status PostgresNotInstalled();
// None of that major version, only those: NOT_FOUND.
absl::Status VersionNotInstalled(int major, absl::string_view installed);

// Of a failed statement, else empty.
std::string SqlState(const absl::Status& status);
std::string ErrorDetail(const absl::Status& status);
// Message and, if there is one, detail: "role ... : owner of database app".
std::string FullMessage(const absl::Status& status);

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_ERRORS_H_

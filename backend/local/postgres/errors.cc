#include "backend/local/postgres/errors.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace howdah::local::postgres {
namespace {

constexpr char kSqlStateUrl[] = "howdah/sqlstate";
constexpr char kDetailUrl[] = "howdah/detail";

bool TellsOfFullDisk(absl::string_view text) {
  return absl::StrContains(text, "No space left on device") ||
         absl::StrContains(text, "Disk quota exceeded");
}

// The last lines are the ones that say why.
std::string LastLines(absl::string_view output) {
  std::vector<absl::string_view> lines =
      absl::StrSplit(output, '\n', absl::SkipWhitespace());
  constexpr size_t kLines = 3;
  if (lines.size() > kLines) lines.erase(lines.begin(), lines.end() - kLines);
  return absl::StrJoin(lines, "; ");
}

absl::StatusCode CodeOf(absl::string_view sqlstate) {
  if (sqlstate == "42710" || sqlstate == "42P04") {
    return absl::StatusCode::kAlreadyExists;
  }
  if (sqlstate == "42704" || sqlstate == "3D000") {
    return absl::StatusCode::kNotFound;
  }
  if (sqlstate == "2BP01" || sqlstate == "55006") {
    return absl::StatusCode::kFailedPrecondition;
  }
  if (sqlstate == "53100") return absl::StatusCode::kResourceExhausted;
  if (absl::StartsWith(sqlstate, "57P") || absl::StartsWith(sqlstate, "08")) {
    return absl::StatusCode::kUnavailable;
  }
  return absl::StatusCode::kInternal;
}

std::string Payload(const absl::Status& status, absl::string_view url) {
  auto payload = status.GetPayload(url);
  return payload.has_value() ? std::string(*payload) : "";
}

}  // namespace

absl::Status SystemError(absl::string_view what, int error_number) {
  std::string message = absl::StrCat(what, ": ", std::strerror(error_number));
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(message);
    case ENOENT:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    default:
      return absl::InternalError(message);
  }
}

absl::Status CommandFailed(absl::string_view program, int exit_code,
                           absl::string_view output) {
  std::string message = absl::StrCat(program, " failed with exit code ",
                                     exit_code, ": ", LastLines(output));
  return TellsOfFullDisk(output) ? absl::ResourceExhaustedError(message)
                                 : absl::InternalError(message);
}

absl::Status CommandTimedOut(absl::string_view program) {
  return absl::DeadlineExceededError(
      absl::StrCat(program, " did not end in time"));
}

absl::Status CommandCancelled(absl::string_view program) {
  return absl::CancelledError(absl::StrCat(program, " was stopped"));
}

absl::Status ServerUnavailable(absl::string_view reason) {
  return absl::UnavailableError(absl::StripAsciiWhitespace(reason));
}

absl::Status StatementTimedOut() {
  return absl::DeadlineExceededError("the statement did not end in time");
}

absl::Status StatementFailed(absl::string_view sqlstate,
                             absl::string_view message,
                             absl::string_view detail) {
  absl::Status status(CodeOf(sqlstate), message);
  if (!sqlstate.empty()) status.SetPayload(kSqlStateUrl, absl::Cord(sqlstate));
  if (!detail.empty()) status.SetPayload(kDetailUrl, absl::Cord(detail));
  return status;
}

absl::Status PostgresNotInstalled() {
  return absl::NotFoundError(
      "no PostgreSQL is installed on this machine; install the Debian package "
      "postgresql");
}

absl::Status VersionNotInstalled(int major, absl::string_view installed) {
  return absl::NotFoundError(
      absl::StrCat("PostgreSQL ", major,
                   " is not installed on this machine; there is ", installed));
}

std::string SqlState(const absl::Status& status) {
  return Payload(status, kSqlStateUrl);
}

std::string ErrorDetail(const absl::Status& status) {
  return Payload(status, kDetailUrl);
}

std::string FullMessage(const absl::Status& status) {
  std::string detail = ErrorDetail(status);
  if (detail.empty()) return std::string(status.message());
  return absl::StrCat(status.message(), ": ", detail);
}

}  // namespace howdah::local::postgres

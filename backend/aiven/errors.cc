#include "backend/aiven/errors.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/aiven/secret_text.h"
#include "backend/json/json_reader.h"
#include "proto/support/status_details.h"

namespace howdah::aiven {
namespace {

using support::ErrorBuilder;

// Nothing from upstream is echoed unbounded.
constexpr size_t kLongestMessage = 300;
constexpr size_t kLongestCode = 64;

constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kTimeout = 408;
constexpr int kConflict = 409;
constexpr int kTooManyRequests = 429;
constexpr int kNotImplemented = 501;
constexpr int kServerError = 500;

std::string Bounded(std::string text, size_t most) {
  if (text.size() > most) {
    size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
      --end;
    }
    text.resize(end);
    text += "…";
  }
  return text;
}

// One line, without secrets.
std::string Shown(std::string text) {
  for (char& c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  return Bounded(HideSecrets(std::move(text)), kLongestMessage);
}

struct Kind {
  absl::StatusCode code;
  absl::string_view reason;
  // What to do next.
  absl::string_view advice;
};

Kind KindOf(int status, const ApiErrorBody& body) {
  switch (status) {
    case kBadRequest:
      return {absl::StatusCode::kInvalidArgument, "AIVEN_REFUSED",
              "Correct the arguments."};
    case kUnauthorized:
      return {absl::StatusCode::kFailedPrecondition, kTokenRejected,
              "The operator of this server has to set a valid AIVEN_TOKEN, or "
              "renew the token file."};
    case kForbidden:
      if (body.error_code == "api_client_ip_allowlist_blocks_caller" ||
          body.error_code == "client_ip_address_policy_violation") {
        return {absl::StatusCode::kPermissionDenied, "AIVEN_ADDRESS_BLOCKED",
                "The address of this server is not on the allow list of the "
                "token or of the organization."};
      }
      if (body.error_code == "authentication_failed" ||
          absl::StrContains(body.message, "Invalid token")) {
        return {absl::StatusCode::kFailedPrecondition, kTokenRejected,
                "The operator of this server has to set a valid AIVEN_TOKEN, "
                "or renew the token file."};
      }
      return {absl::StatusCode::kPermissionDenied, kPermissionDenied,
              "The token of this server lacks the permission; many reads of "
              "data need service:data:write."};
    case kNotFound:
      return {absl::StatusCode::kNotFound, "AIVEN_NOT_FOUND",
              "list_projects and list_services show the names that exist."};
    case kTimeout:
      return {absl::StatusCode::kUnavailable, kUnavailable,
              "Try again in a moment."};
    case kConflict:
      if (body.error_code == "not_powered") {
        return {absl::StatusCode::kFailedPrecondition, "AIVEN_NOT_POWERED",
                "The service is powered off."};
      }
      return {absl::StatusCode::kFailedPrecondition, "AIVEN_CONFLICT",
              "Look at the state of the service first."};
    case kTooManyRequests:
      return {absl::StatusCode::kResourceExhausted, kRateLimited,
              "Try again later."};
    case kNotImplemented:
      return {absl::StatusCode::kFailedPrecondition, "AIVEN_NOT_READY",
              "It may still be in the making; try again in a minute."};
    default:
      if (status >= kServerError) {
        return {absl::StatusCode::kUnavailable, kUnavailable,
                "Try again in a moment."};
      }
      return {absl::StatusCode::kUnknown, "AIVEN_UNEXPECTED",
              "Look at the status page of Aiven."};
  }
}

}  // namespace

ApiErrorBody ReadApiErrorBody(absl::string_view body) {
  ApiErrorBody read;
  const auto root = json::Parse(body);
  if (!root.ok()) return read;
  read.message = json::Text(json::Member(*root, "message"));
  read.error_code = json::Text(json::Member(*root, "error_code"));
  const std::optional<json::Element> errors = json::Member(*root, "errors");
  const auto take = [&](std::optional<json::Element> error) {
    if (read.error_code.empty()) {
      read.error_code = json::Text(json::Member(error, "error_code"));
    }
    if (!read.message.empty()) return;
    read.message = json::Text(json::Member(error, "message"));
    if (read.message.empty()) read.message = json::Text(error);
  };
  take(errors);
  json::ForEach(errors, take);
  read.message = Shown(std::move(read.message));
  read.error_code = Bounded(std::move(read.error_code), kLongestCode);
  return read;
}

absl::Status ErrorOfApi(const FailedAnswer& answer) {
  const ApiErrorBody body = ReadApiErrorBody(answer.body);
  const Kind kind = KindOf(answer.status, body);
  std::string message =
      absl::StrCat("Aiven answered ", answer.status, " for ", answer.subject);
  if (!body.message.empty()) absl::StrAppend(&message, ": ", body.message);
  if (!absl::EndsWith(message, ".")) message += '.';
  ErrorBuilder error(kind.code, kind.reason, kDomain);
  error.Message(absl::StrCat(message, " ", kind.advice))
      .With("httpStatus", absl::StrCat(answer.status));
  if (!body.error_code.empty()) error.With("errorCode", body.error_code);
  if (answer.retry_after > absl::ZeroDuration()) {
    error.RetryAfter(answer.retry_after);
  }
  return error.Build();
}

absl::Status NotConfigured() {
  constexpr absl::string_view kMessage =
      "This server has no Aiven token. Its operator can set AIVEN_TOKEN or "
      "AIVEN_TOKEN_FILE, name a file with them by --env-file, or use an "
      "invented fleet with ./howdah up --aiven=sandbox.";
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                      "AIVEN_NOT_CONFIGURED", support::kHowdahDomain)
      .Message(kMessage)
      .Precondition("CONFIGURATION", "AIVEN_TOKEN", kMessage)
      .Build();
}

absl::Status UnknownAccount(absl::string_view name,
                            const std::vector<std::string>& known) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "UNKNOWN_ACCOUNT",
                      support::kHowdahDomain)
      .Message(absl::StrCat("This server has no Aiven account \"",
                            absl::Utf8SafeCEscape(name), "\"; there are ",
                            absl::StrJoin(known, ", "), "."))
      .Field("context",
             absl::StrCat("must be one of ", absl::StrJoin(known, ", ")))
      .Build();
}

absl::Status ProjectMissing() {
  return support::InvalidField(
      "project_name",
      "is needed: this server has no default project (AIVEN_PROJECT_NAME); "
      "list_projects shows the names");
}

absl::Status BadName(absl::string_view what, absl::string_view name) {
  return support::InvalidField(
      what, absl::StrCat("must be 1 to 64 letters, digits, \"_\" and \"-\", "
                         "got \"",
                         absl::Utf8SafeCEscape(name.substr(0, 64)), "\""));
}

absl::Status NoRoomBeforeDeadline(absl::Duration wait) {
  return ErrorBuilder(absl::StatusCode::kResourceExhausted, kRateLimited,
                      kDomain)
      .Message(absl::StrCat(
          "Aiven's rate limit leaves no room before the deadline of this call; "
          "try again in ",
          absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1))),
          " seconds."))
      .RetryAfter(wait)
      .Build();
}

absl::Status Cancelled() {
  return ErrorBuilder(absl::StatusCode::kCancelled, "CANCELLED",
                      support::kHowdahDomain)
      .Message("The call was cancelled.")
      .Build();
}

absl::Status WaitedTooLong() {
  return ErrorBuilder(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                      support::kHowdahDomain)
      .Message("The deadline was over before Aiven answered.")
      .Build();
}

absl::Status BadAnswer(absl::string_view subject, absl::string_view what) {
  return ErrorBuilder(absl::StatusCode::kUnavailable, kBadAnswer, kDomain)
      .Message(absl::StrCat("Aiven's answer for ", subject, " ", what,
                            "; nothing of it is used. Try again in a moment."))
      .Build();
}

absl::Status TokenUnreadable(absl::string_view account,
                             absl::string_view what) {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                      "AIVEN_TOKEN_UNREADABLE", support::kHowdahDomain)
      .Message(absl::StrCat("The Aiven token of account \"", account, "\" ",
                            what,
                            "; the operator of this server has to mend "
                            "it."))
      .With("account", account)
      .Build();
}

}  // namespace howdah::aiven

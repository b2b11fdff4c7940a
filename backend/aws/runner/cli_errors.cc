#include "backend/aws/runner/cli_errors.h"

#include <csignal>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "backend/aws/runner/redaction.h"
#include "proto/support/status_details.h"
#include "re2/re2.h"

namespace howdah::aws::runner {
namespace {

using absl::StatusCode;
using process::ProgramEnd;
using support::ErrorBuilder;
using support::kAwsDomain;

constexpr size_t kLongestWords = 1000;

// What the service said: "An error occurred (Code) when calling the Op
// operation: Words".
struct ServiceError {
  std::string code;
  std::string operation;
  std::string words;
};

bool ReadServiceError(absl::string_view errors, ServiceError& error) {
  static const RE2& form = *new RE2(
      R"((?s)An error occurred \(([^)]{1,200})\) when calling the (\w{1,200}) )"
      R"(operation(?: \(reached max retries: \d+\))?: ?(.*))");
  return RE2::PartialMatch(re2::StringPiece(errors.data(), errors.size()), form,
                           &error.code, &error.operation, &error.words);
}

// Codes are matched whole, or by their beginning ("Throttl*") or end
// ("*NotFound"), the first line that fits decides.
struct CodeRule {
  StatusCode code;
  std::vector<absl::string_view> patterns;
};

const std::vector<CodeRule>& CodeRules() {
  static const auto& rules = *new std::vector<CodeRule>{
      {StatusCode::kUnauthenticated,
       {"ExpiredToken*", "RequestExpired", "InvalidClientTokenId",
        "AuthFailure", "UnrecognizedClient*", "SignatureDoesNotMatch",
        "InvalidAccessKeyId", "InvalidSignature*",
        "MissingAuthenticationToken*", "InvalidToken*", "IncompleteSignature*",
        "NotAuthenticated*"}},
      {StatusCode::kPermissionDenied,
       {"AccessDenied*", "Unauthorized*", "403", "Forbidden*", "NotAuthorized*",
        "AccountProblem", "AllAccessDisabled", "*AccessDenied",
        "*AccessDeniedException", "*NotAuthorizedException"}},
      {StatusCode::kResourceExhausted,
       {"Throttl*", "*Throttled", "*ThrottlingException", "TooManyRequests*",
        "RequestLimitExceeded", "SlowDown", "ProvisionedThroughputExceeded*",
        "BandwidthLimitExceeded", "RequestThrottled*", "LimitExceeded*",
        "*LimitExceeded", "*LimitExceededException", "*LimitExceededFault",
        "*QuotaExceeded*", "TooMany*", "InsufficientInstanceCapacity",
        "InsufficientCapacity*"}},
      {StatusCode::kAlreadyExists,
       {"*AlreadyExists*", "*AlreadyOwnedByYou", "*AlreadyExist",
        "EntityAlreadyExists*", "*Duplicate", "*.Duplicate", "Duplicate*",
        "ResourceExists*"}},
      {StatusCode::kFailedPrecondition,
       {"*InUse",
        "*InUse*",
        "DependencyViolation",
        "IncorrectState*",
        "IncorrectInstanceState",
        "InvalidState*",
        "*NotEmpty",
        "DeleteConflict*",
        "OperationNotPermitted*",
        "ConditionalCheckFailed*",
        "PreconditionFailed",
        "412",
        "*StateException",
        "*StateFault",
        "OptInRequired",
        "Conflict*",
        "ResourceConflict*",
        "*InstanceState",
        "*ClusterState",
        "UnsupportedOperation*",
        "DisabledException",
        "KMSInvalidState*",
        "InsufficientCapabilities*",
        "UnmodifiableEntity*",
        "InvalidObjectState",
        "InvalidBucketState"}},
      {StatusCode::kAborted,
       {"OperationAborted", "TransactionConflict*", "ConcurrentModification*",
        "409"}},
      {StatusCode::kNotFound,
       {"NoSuch*", "*NotFound", "*NotFound*", "*DoesNotExist*", "*NonExistent*",
        "404", "ResourceUnknown*", "*NotExist"}},
      {StatusCode::kUnavailable,
       {"ServiceUnavailable*", "503", "500", "502", "504", "InternalError*",
        "InternalFailure*", "InternalServer*", "InternalService*",
        "RequestTimeout*", "Unavailable*", "ServiceFailure*"}},
      {StatusCode::kUnimplemented, {"NotImplemented*", "501"}},
      {StatusCode::kInvalidArgument,
       {"Invalid*", "Malformed*", "Validation*", "Missing*", "400",
        "BadRequest*", "UnknownParameter*", "Illegal*", "UnknownOperation*",
        "EntityTooLarge", "EntityTooSmall", "KeyTooLong*", "IdempotentParam*",
        "SerializationException", "*ValidationException",
        "UnsupportedParameter*"}},
  };
  return rules;
}

bool Fits(absl::string_view code, absl::string_view pattern) {
  const bool open_end = absl::ConsumeSuffix(&pattern, "*");
  const bool open_begin = absl::ConsumePrefix(&pattern, "*");
  if (open_begin && open_end) return absl::StrContains(code, pattern);
  if (open_end) return absl::StartsWith(code, pattern);
  if (open_begin) return absl::EndsWith(code, pattern);
  return code == pattern;
}

// Failures of the CLI itself, by its words.
struct WordRule {
  absl::string_view words;
  StatusCode code;
  absl::string_view reason;
  absl::string_view advice;
};

constexpr absl::string_view kSignIn =
    "The operator of this server has to sign in again.";

constexpr WordRule kWordRules[] = {
    {"Unable to locate credentials", StatusCode::kUnauthenticated,
     "CREDENTIALS_MISSING",
     "list_aws_profiles shows the profiles; the operator gives them "
     "credentials."},
    {"Partial credentials found", StatusCode::kUnauthenticated,
     "CREDENTIALS_MISSING", "The operator has to complete the credentials."},
    {"Token has expired", StatusCode::kUnauthenticated, "SIGN_IN_EXPIRED",
     kSignIn},
    {"Error loading SSO Token", StatusCode::kUnauthenticated, "SIGN_IN_EXPIRED",
     kSignIn},
    {"The SSO session associated with this profile has expired",
     StatusCode::kUnauthenticated, "SIGN_IN_EXPIRED", kSignIn},
    {"Error when retrieving credentials", StatusCode::kUnauthenticated,
     "CREDENTIALS_MISSING", "The operator has to look at the profile."},
    {"Error when retrieving token", StatusCode::kUnauthenticated,
     "SIGN_IN_EXPIRED", kSignIn},
    {"could not be found", StatusCode::kFailedPrecondition, "CONFIG_INVALID",
     "list_aws_profiles shows the profiles that exist."},
    {"You must specify a region", StatusCode::kInvalidArgument,
     "REGION_MISSING", "Give a region."},
    {"Could not connect to the endpoint URL", StatusCode::kUnavailable,
     "AWS_UNREACHABLE",
     "Is the region right, and does AWS offer the service there?"},
    {"Connect timeout on endpoint URL", StatusCode::kUnavailable,
     "AWS_UNREACHABLE", "Try again."},
    {"Read timeout on endpoint URL", StatusCode::kUnavailable,
     "AWS_UNREACHABLE", "Try again, or ask for less."},
    {"Connection was closed before", StatusCode::kUnavailable,
     "AWS_UNREACHABLE", "Try again."},
    {"SSL validation failed", StatusCode::kUnavailable, "AWS_UNREACHABLE",
     "The operator has to look at the certificates."},
    {"Max attempts exceeded", StatusCode::kDeadlineExceeded, "WAIT_OVER",
     "The state was not reached; look at the resource, or wait again."},
    {"Waiter encountered a terminal failure state",
     StatusCode::kFailedPrecondition, "WAIT_FAILED",
     "The state cannot be reached any more; look at the resource."},
    {"Parameter validation failed", StatusCode::kInvalidArgument,
     "COMMAND_INVALID", "explain_aws_command helps with the form."},
    {"Unable to parse config file", StatusCode::kFailedPrecondition,
     "CONFIG_INVALID", "The operator has to mend the AWS configuration."},
    {"Unknown options", StatusCode::kInvalidArgument, "COMMAND_INVALID", ""},
    {"the following arguments are required", StatusCode::kInvalidArgument,
     "COMMAND_INVALID", ""},
    {"aws: error:", StatusCode::kInvalidArgument, "COMMAND_INVALID", ""},
    {"Invalid JSON", StatusCode::kInvalidArgument, "COMMAND_INVALID", ""},
    {"Error parsing parameter", StatusCode::kInvalidArgument, "COMMAND_INVALID",
     ""},
    {"MemoryError", StatusCode::kResourceExhausted, "TOO_MUCH_MEMORY",
     "Ask for less at once, for example with --max-items."},
};

// The last lines, since usage texts come first; shortened and clean of secrets.
std::string Words(absl::string_view errors) {
  std::vector<absl::string_view> lines =
      absl::StrSplit(errors, '\n', absl::SkipWhitespace());
  std::string words;
  for (absl::string_view line : lines) {
    line = absl::StripAsciiWhitespace(line);
    if (absl::StartsWith(line, "usage:") ||
        absl::StartsWith(line, "aws help") ||
        absl::StartsWith(line, "aws <command>") ||
        absl::StartsWith(line, "To see help text")) {
      continue;
    }
    absl::StrAppend(&words, words.empty() ? "" : " ", line);
  }
  if (words.size() > kLongestWords) {
    words.erase(0, words.size() - kLongestWords);
  }
  return RedactText(words);
}

ErrorBuilder Start(StatusCode code, absl::string_view reason,
                   const RanCommand& command) {
  ErrorBuilder builder(code, reason, kAwsDomain);
  builder.With("command", command.command);
  if (!command.profile.empty()) builder.With("profile", command.profile);
  if (!command.region.empty()) builder.With("region", command.region);
  return builder;
}

bool IsThrottling(absl::string_view code) {
  return absl::StrContains(code, "hrottl") || code == "SlowDown" ||
         absl::StrContains(code, "TooManyRequests") ||
         code == "RequestLimitExceeded";
}

absl::Status OfService(const ServiceError& error, const RanCommand& command) {
  const StatusCode code = CodeOfServiceError(error.code, error.words);
  ErrorBuilder builder = Start(code, "SERVICE_ERROR", command);
  builder
      .Message(absl::StrCat("AWS refused ", error.operation, ": ", error.code,
                            error.words.empty() ? "" : ": ",
                            Words(error.words)))
      .With("awsErrorCode", error.code)
      .With("operation", error.operation);
  if (IsThrottling(error.code)) builder.RetryAfter(absl::Seconds(2));
  return builder.Build();
}

// The server ends, and its grace was over.
absl::Status OfEnding(const ProgramEnd& end, const RanCommand& command) {
  const bool harmless = !end.started || command.read;
  ErrorBuilder builder = Start(
      // Callers repeat what is unavailable by themselves.
      harmless ? StatusCode::kUnavailable : StatusCode::kAborted,
      "SERVER_DRAINING", command);
  builder.Message(absl::StrCat(
      "This server ends, and ", command.command,
      !end.started   ? " was not begun; ask again, and another answers."
      : command.read ? " was stopped; ask again, and another answers."
                     : " was stopped; what it does may have happened, so look "
                       "before you repeat it."));
  if (harmless) builder.RetryAfter(absl::Milliseconds(100));
  return builder.Build();
}

absl::Status OfStopped(const ProgramEnd& end, const RanCommand& command) {
  if (end.how == ProgramEnd::How::kCancelled) {
    return Start(StatusCode::kCancelled, "CANCELLED", command)
        .Message(absl::StrCat("The caller cancelled ", command.command, ". ",
                              !end.started || command.read
                                  ? "Nothing was changed."
                                  : "What it does may have happened; "
                                    "look before you repeat it."))
        .Build();
  }
  return Start(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", command)
      .Message(absl::StrCat(
          command.command,
          !end.started   ? " did not begin in time: too many commands "
                           "run; try again."
          : command.read ? " did not end in time and was stopped; ask for "
                           "less, for example with --max-items."
                         : " did not end in time and was stopped; what it "
                           "does may have happened, so look before you "
                           "repeat it."))
      .Build();
}

absl::Status OfSignal(const ProgramEnd& end, const RanCommand& command) {
  const bool size = end.code == SIGXFSZ;
  return Start(size ? StatusCode::kResourceExhausted : StatusCode::kInternal,
               size ? "FILE_TOO_LONG" : "CLI_KILLED", command)
      .Message(size ? absl::StrCat(command.command,
                                   " wrote a longer file than is allowed here.")
                    : absl::StrCat("The AWS CLI was ended by signal ", end.code,
                                   " while it ran ", command.command, "."))
      .Build();
}

absl::Status OfExitCode(const ProgramEnd& end, const RanCommand& command) {
  StatusCode code = StatusCode::kUnknown;
  absl::string_view reason = "CLI_FAILED";
  if (end.code == 252) {
    code = StatusCode::kInvalidArgument;
    reason = "COMMAND_INVALID";
  } else if (end.code == 253) {
    code = StatusCode::kFailedPrecondition;
    reason = "CONFIG_INVALID";
  } else if (end.code == 130) {
    code = StatusCode::kCancelled;
  }
  return Start(code, reason, command)
      .Message(absl::StrCat("The AWS CLI ended with ", end.code, ": ",
                            Words(end.errors)))
      .With("exitCode", absl::StrCat(end.code))
      .Build();
}

}  // namespace

StatusCode CodeOfServiceError(absl::string_view code,
                              absl::string_view message) {
  // CloudFormation and others say so in words only.
  if (absl::StartsWith(code, "Validation") &&
      absl::StrContains(message, "does not exist")) {
    return StatusCode::kNotFound;
  }
  for (const CodeRule& rule : CodeRules()) {
    for (const absl::string_view pattern : rule.patterns) {
      if (Fits(code, pattern)) return rule.code;
    }
  }
  return StatusCode::kUnknown;
}

bool WouldHaveSucceeded(const ProgramEnd& end) {
  ServiceError error;
  return ReadServiceError(end.errors, error) && error.code == "DryRunOperation";
}

absl::Status StatusOfEnd(const ProgramEnd& end, const RanCommand& command) {
  switch (end.how) {
    case ProgramEnd::How::kCancelled:
    case ProgramEnd::How::kOutOfTime:
      return OfStopped(end, command);
    case ProgramEnd::How::kEnding:
      return OfEnding(end, command);
    case ProgramEnd::How::kSignalled:
      return OfSignal(end, command);
    case ProgramEnd::How::kExited:
      break;
  }
  if (end.code == 0 || WouldHaveSucceeded(end)) return absl::OkStatus();
  ServiceError error;
  if (ReadServiceError(end.errors, error)) return OfService(error, command);
  for (const WordRule& rule : kWordRules) {
    if (!absl::StrContains(end.errors, rule.words)) continue;
    return Start(rule.code, rule.reason, command)
        .Message(absl::StrCat(Words(end.errors), rule.advice.empty() ? "" : " ",
                              rule.advice))
        .With("exitCode", absl::StrCat(end.code))
        .Build();
  }
  return OfExitCode(end, command);
}

absl::Status FolderFailed(absl::string_view path, absl::string_view why) {
  return ErrorBuilder(StatusCode::kInternal, "FOLDER_FAILED", kAwsDomain)
      .Message(absl::StrCat(
          "The folder ", path,
          " for commands of the AWS CLI cannot be used: ", why, "."))
      .Build();
}

absl::Status TooManyCommands() {
  return ErrorBuilder(StatusCode::kResourceExhausted, "AWS_BUSY", kAwsDomain)
      .Message(
          "As many AWS commands run and wait as this server allows; try again "
          "soon.")
      .RetryAfter(absl::Seconds(2))
      .Build();
}

}  // namespace howdah::aws::runner

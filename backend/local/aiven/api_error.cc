#include "backend/local/aiven/api_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace howdah::local::aiven {
namespace {

constexpr char kPayload[] = "howdah.local.aiven/error";

absl::StatusCode CodeOf(int http_status) {
  switch (http_status) {
    case 400:
      return absl::StatusCode::kInvalidArgument;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
    case 405:
      return absl::StatusCode::kNotFound;
    case 409:
      return absl::StatusCode::kFailedPrecondition;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kInternal;
  }
}

std::pair<int, std::string> PayloadOf(const absl::Status& status) {
  absl::optional<absl::Cord> payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return {500, ""};
  std::vector<std::string> parts =
      absl::StrSplit(std::string(*payload), absl::MaxSplits(' ', 1));
  int http_status = 500;
  if (!absl::SimpleAtoi(parts[0], &http_status)) return {500, ""};
  return {http_status, parts[1]};
}

}  // namespace

absl::Status ApiError(int http_status, absl::string_view message,
                      absl::string_view error_code) {
  absl::Status status(CodeOf(http_status), message);
  status.SetPayload(kPayload,
                    absl::Cord(absl::StrCat(http_status, " ", error_code)));
  return status;
}

absl::Status NoToken() { return ApiError(401, "Missing (expired) db token"); }

absl::Status AddressNotAllowed() {
  return ApiError(403, "Client IP address is not in the token's IP allowlist",
                  "api_client_ip_allowlist_blocks_caller");
}

absl::Status NotAProjectMember() {
  return ApiError(403, "Not a project member");
}

absl::Status NotPermitted(absl::string_view permission) {
  return ApiError(403, absl::StrCat("Missing permission: ", permission));
}

absl::Status TooManyRequests(int limit, absl::Duration wait) {
  return ApiError(
      429, absl::StrCat(
               "The user has sent too many requests in a given "
               "amount of time: Rate limit ",
               limit, " exceeded - try again in ",
               absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1))), "s"));
}

absl::Status PathNotFound() { return ApiError(404, "Not Found"); }

absl::Status MethodNotAllowed() { return ApiError(405, "Method Not Allowed"); }

absl::Status ProjectNotFound(absl::string_view project) {
  return ApiError(404, absl::StrCat("Project ", project, " does not exist"),
                  "project_not_found");
}

absl::Status ServiceDoesNotExist(absl::string_view service) {
  return ApiError(404, absl::StrCat("Service ", service, " does not exist"),
                  "service_does_not_exist");
}

absl::Status NotFound(absl::string_view kind) {
  return ApiError(404, absl::StrCat(kind, " does not exist"));
}

absl::Status InvalidInput(absl::string_view what) {
  return ApiError(400, absl::StrCat("Invalid input: ", what), "bad_request");
}

absl::Status InvalidPlan(absl::string_view plan, absl::string_view type) {
  return ApiError(400, absl::StrCat("Invalid plan '", plan,
                                    "' for service type '", type, "'"));
}

absl::Status InvalidServiceName() {
  return ApiError(
      400, "Service name must consist of 1-64 alphanumerical characters");
}

absl::Status ServiceNameTaken() {
  return ApiError(409, "Service name is already in use in this project");
}

absl::Status AlreadyExists(absl::string_view kind) {
  return ApiError(409, absl::StrCat(kind, " already exists"));
}

absl::Status NotPowered() {
  return ApiError(409, "Database not powered on", "not_powered");
}

absl::Status Protected() {
  return ApiError(403,
                  "Service is protected against termination and shutdown. "
                  "Remove termination protection first.");
}

absl::Status PlanHasNoPools() {
  return ApiError(403,
                  "Current service plan does not include the connection "
                  "pooling option. Please consider migrating to another "
                  "PostgreSQL service plan.");
}

int HttpStatus(const absl::Status& status) { return PayloadOf(status).first; }

nlohmann::json ErrorBody(const absl::Status& status) {
  auto [http_status, error_code] = PayloadOf(status);
  nlohmann::json error = {{"message", std::string(status.message())},
                          {"status", http_status}};
  if (!error_code.empty()) error["error_code"] = error_code;
  return {{"message", std::string(status.message())},
          {"errors", nlohmann::json::array({std::move(error)})}};
}

}  // namespace howdah::local::aiven

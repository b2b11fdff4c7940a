#include "backend/local/api/api_error.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace howdah::local {
namespace {

constexpr char kPayload[] = "howdah.local/kubernetes-status";

std::string Text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusCode CodeFor(int http) {
  switch (http) {
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 409:
      return absl::StatusCode::kAborted;
    case 410:
      return absl::StatusCode::kOutOfRange;
    case 500:
      return absl::StatusCode::kInternal;
    case 507:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kInvalidArgument;
  }
}

Json Details(const ResourceType& type, absl::string_view name) {
  Json details = {{"kind", type.plural}};
  if (!name.empty()) details["name"] = std::string(name);
  if (!type.group.empty()) details["group"] = type.group;
  return details;
}

std::string Quoted(const ResourceType& type, absl::string_view name) {
  return absl::StrCat(QualifiedResource(type), " \"", name, "\"");
}

}  // namespace

std::string QualifiedResource(const ResourceType& type) {
  if (type.group.empty()) return type.plural;
  return absl::StrCat(type.plural, ".", type.group);
}

FieldCause InvalidValue(absl::string_view field, const Json& value,
                        absl::string_view why) {
  // The API server does not print whole objects.
  std::string shown = value.is_object() ? "" : absl::StrCat(Text(value), ": ");
  return {"FieldValueInvalid", absl::StrCat("Invalid value: ", shown, why),
          std::string(field)};
}

FieldCause RequiredValue(absl::string_view field, absl::string_view why) {
  return {"FieldValueRequired",
          absl::StrCat("Required value", why.empty() ? "" : ": ", why),
          std::string(field)};
}

FieldCause UnsupportedValue(absl::string_view field, const Json& value,
                            const std::vector<std::string>& supported) {
  std::string list =
      absl::StrJoin(supported, ", ", [](std::string* out, const auto& one) {
        absl::StrAppend(out, "\"", one, "\"");
      });
  return {"FieldValueNotSupported",
          absl::StrCat("Unsupported value: ", Text(value),
                       ": supported values: ", list),
          std::string(field)};
}

FieldCause DuplicateValue(absl::string_view field, const Json& value) {
  return {"FieldValueDuplicate", absl::StrCat("Duplicate value: ", Text(value)),
          std::string(field)};
}

FieldCause ForbiddenValue(absl::string_view field, absl::string_view why) {
  return {"FieldValueForbidden", absl::StrCat("Forbidden: ", why),
          std::string(field)};
}

absl::Status ApiError(int code, absl::string_view reason,
                      absl::string_view message, Json details) {
  absl::Status status(CodeFor(code), message);
  Json object = {{"kind", "Status"},
                 {"apiVersion", "v1"},
                 {"metadata", Json::object()},
                 {"status", "Failure"},
                 {"message", std::string(message)},
                 {"code", code}};
  if (!reason.empty()) object["reason"] = std::string(reason);
  if (!details.is_null()) object["details"] = std::move(details);
  status.SetPayload(kPayload, absl::Cord(Text(object)));
  return status;
}

absl::Status BadRequest(absl::string_view message) {
  return ApiError(400, "BadRequest", message);
}

absl::Status WrongName(absl::string_view name, absl::string_view name_in_path) {
  return BadRequest(absl::StrCat("the name of the object (", name,
                                 ") does not match the name on the URL (",
                                 name_in_path, ")"));
}

absl::Status MissingName(absl::string_view name_in_path) {
  return BadRequest(absl::StrCat("the name of the object (", name_in_path,
                                 " based on URL) was undeterminable: name must "
                                 "be provided"));
}

absl::Status WrongNamespace() {
  return BadRequest(
      "the namespace of the provided object does not match the namespace sent "
      "on the request");
}

absl::Status Unauthorized() {
  return ApiError(401, "Unauthorized", "Unauthorized");
}

absl::Status Forbidden(const ResourceType& type, absl::string_view name,
                       absl::string_view why) {
  return ApiError(403, "Forbidden",
                  absl::StrCat(Quoted(type, name), " is forbidden: ", why),
                  Details(type, name));
}

absl::Status UnknownResource() {
  return ApiError(404, "NotFound",
                  "the server could not find the requested resource",
                  Json::object());
}

absl::Status NotFound(const ResourceType& type, absl::string_view name) {
  return ApiError(404, "NotFound",
                  absl::StrCat(Quoted(type, name), " not found"),
                  Details(type, name));
}

absl::Status AlreadyExists(const ResourceType& type, absl::string_view name) {
  return ApiError(409, "AlreadyExists",
                  absl::StrCat(Quoted(type, name), " already exists"),
                  Details(type, name));
}

absl::Status PreconditionConflict(const ResourceType& type,
                                  absl::string_view kind,
                                  absl::string_view name,
                                  absl::string_view fact,
                                  absl::string_view wanted,
                                  absl::string_view actual) {
  // The API server says the kind here where it says the resource elsewhere.
  return Conflict(
      {type.group, std::string(kind)}, name,
      absl::StrCat("the ", fact, " in the precondition (", wanted,
                   ") does not match the ", fact, " in record (", actual,
                   "). The object might have been ",
                   fact == "UID" ? "deleted and then recreated" : "modified"));
}

absl::Status Conflict(const ResourceType& type, absl::string_view name,
                      absl::string_view why) {
  return ApiError(409, "Conflict",
                  absl::StrCat("Operation cannot be fulfilled on ",
                               Quoted(type, name), ": ", why),
                  Details(type, name));
}

absl::Status InvalidObject(absl::string_view group, absl::string_view kind,
                           absl::string_view name,
                           const std::vector<FieldCause>& causes,
                           absl::string_view prefix) {
  Json list = Json::array();
  std::vector<std::string> texts;
  for (const FieldCause& cause : causes) {
    list.push_back({{"reason", cause.reason},
                    {"message", cause.message},
                    {"field", cause.field}});
    texts.push_back(absl::StrCat(cause.field, ": ", cause.message));
  }
  std::string all = texts.size() == 1
                        ? texts[0]
                        : absl::StrCat("[", absl::StrJoin(texts, ", "), "]");
  Json details = {{"kind", std::string(kind)}, {"causes", std::move(list)}};
  if (!name.empty()) details["name"] = std::string(name);
  if (!group.empty()) details["group"] = std::string(group);
  return ApiError(422, "Invalid",
                  absl::StrCat(prefix, kind, group.empty() ? "" : ".", group,
                               " \"", name, "\" is invalid: ", all),
                  std::move(details));
}

absl::Status MethodNotAllowed() {
  return ApiError(
      405, "MethodNotAllowed",
      "the server does not allow this method on the requested resource",
      Json::object());
}

absl::Status VerbNotSupported(const ResourceType& type,
                              absl::string_view verb) {
  return ApiError(
      405, "MethodNotAllowed",
      absl::StrCat(verb, " is not supported on resources of kind \"",
                   QualifiedResource(type), "\""),
      Details(type, ""));
}

absl::Status ServerFault(absl::string_view message) {
  return ApiError(500, "", message);
}

absl::Status NotAcceptable() {
  return ApiError(406, "NotAcceptable",
                  "only the following media types are accepted: "
                  "application/json, application/yaml");
}

absl::Status UnsupportedMediaType(absl::string_view message) {
  return ApiError(415, "UnsupportedMediaType", message);
}

absl::Status TooLarge(absl::string_view message) {
  return ApiError(413, "RequestEntityTooLarge", message);
}

absl::Status Expired(absl::string_view message) {
  return ApiError(410, "Expired", message);
}

absl::Status VersionTooLarge(uint64_t wanted, uint64_t current) {
  std::string message = absl::StrCat(
      "Timeout: Too large resource version: ", wanted, ", current: ", current);
  return ApiError(504, "Timeout", message,
                  {{"causes",
                    {{{"reason", "ResourceVersionTooLarge"},
                      {"message", "Too large resource version"}}}},
                   {"retryAfterSeconds", 1}});
}

absl::Status FromStore(const absl::Status& status, const ResourceType& type,
                       absl::string_view name) {
  if (status.ok() || status.GetPayload(kPayload).has_value()) return status;
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return NotFound(type, name);
    case absl::StatusCode::kAlreadyExists:
      return AlreadyExists(type, name);
    case absl::StatusCode::kAborted:
      return ApiError(409, "Conflict", status.message(), Details(type, name));
    case absl::StatusCode::kOutOfRange:
      return Expired(status.message());
    case absl::StatusCode::kResourceExhausted:
      return ApiError(507, "InsufficientStorage", status.message(),
                      Details(type, name));
    default:
      return ApiError(
          500, "InternalError",
          absl::StrCat("Internal error occurred: ", status.message()));
  }
}

int HttpCode(const absl::Status& status) {
  return StatusObject(status).value("code", 500);
}

Json StatusObject(const absl::Status& status) {
  std::optional<absl::Cord> payload;
  if (auto found = status.GetPayload(kPayload)) payload = *found;
  if (!payload) return StatusObject(FromStore(status, {}, ""));
  std::string text(*payload);
  return Json::parse(text, nullptr, false);
}

}  // namespace howdah::local

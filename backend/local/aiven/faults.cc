#include "backend/local/aiven/faults.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/local/aiven/api_error.h"

namespace howdah::local::aiven {
namespace {

using Json = nlohmann::json;

const std::map<std::string, FaultKind>& Kinds() {
  static const auto* const kKinds = new std::map<std::string, FaultKind>{
      {"status", FaultKind::kStatus},     {"reset", FaultKind::kReset},
      {"half", FaultKind::kHalf},         {"hang", FaultKind::kHang},
      {"slow", FaultKind::kSlow},         {"not_json", FaultKind::kNotJson},
      {"surprise", FaultKind::kSurprise}, {"no_content", FaultKind::kNoContent},
  };
  return *kKinds;
}

absl::StatusOr<std::string> TextField(const Json& json, const char* name) {
  if (!json.contains(name)) return std::string();
  if (!json[name].is_string()) {
    return InvalidInput(absl::StrCat("'", name, "' must be a text"));
  }
  return json[name].get<std::string>();
}

absl::StatusOr<int> NumberField(const Json& json, const char* name,
                                int otherwise) {
  if (!json.contains(name)) return otherwise;
  if (!json[name].is_number_integer()) {
    return InvalidInput(absl::StrCat("'", name, "' must be an integer"));
  }
  return json[name].get<int>();
}

absl::Status CheckNames(const Json& json) {
  static const auto* const kKnown = new std::set<std::string>{
      "kind",    "method", "path",         "token",   "times",
      "status",  "body",   "content_type", "message", "retry_after_seconds",
      "delay_ms"};
  if (!json.is_object()) return InvalidInput("a fault is an object");
  for (const auto& [name, value] : json.items()) {
    if (kKnown->count(name) == 0) {
      return InvalidInput(absl::StrCat("a fault has no field '", name, "'"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Fault> ParseFault(const Json& json) {
  if (absl::Status status = CheckNames(json); !status.ok()) return status;
  Fault fault;
  auto text = [&](const char* name, std::string& into) -> absl::Status {
    absl::StatusOr<std::string> value = TextField(json, name);
    if (value.ok()) into = *value;
    return value.status();
  };
  auto number = [&](const char* name, int& into) -> absl::Status {
    absl::StatusOr<int> value = NumberField(json, name, into);
    if (value.ok()) into = *value;
    return value.status();
  };
  std::string kind, path, body, message;
  int delay_ms = 0, retry_after = 0;
  for (absl::Status status :
       {text("kind", kind), text("path", path), text("method", fault.method),
        text("token", fault.token), text("body", body),
        text("message", message), text("content_type", fault.content_type),
        number("times", fault.times), number("status", fault.status),
        number("delay_ms", delay_ms),
        number("retry_after_seconds", retry_after)}) {
    if (!status.ok()) return status;
  }
  auto found = Kinds().find(kind);
  if (found == Kinds().end()) {
    return InvalidInput(absl::StrCat("there is no kind '", kind, "'"));
  }
  fault.kind = found->second;
  if (fault.status < 200 || fault.status > 599) {
    return InvalidInput("'status' is from 200 to 599");
  }
  if (!path.empty()) {
    fault.path = std::make_shared<const RE2>(path, RE2::Quiet);
    if (!fault.path->ok()) return InvalidInput("'path' is no expression");
  }
  fault.delay = absl::Milliseconds(delay_ms);
  if (json.contains("retry_after_seconds")) {
    fault.retry_after_seconds = retry_after;
  }
  if (json.contains("body")) fault.body = body;
  if (json.contains("message")) {
    fault.body = ErrorBody(ApiError(fault.status, message)).dump();
  }
  return fault;
}

std::optional<Fault> Faults::Take(absl::string_view method,
                                  absl::string_view path,
                                  absl::string_view token) {
  for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
    if (!it->method.empty() && it->method != method) continue;
    if (!it->token.empty() && it->token != token) continue;
    if (it->path != nullptr &&
        !RE2::FullMatch(re2::StringPiece(path.data(), path.size()),
                        *it->path)) {
      continue;
    }
    Fault fault = *it;
    if (--it->times <= 0) waiting_.erase(it);
    return fault;
  }
  return std::nullopt;
}

Json Surprising(Json body) {
  if (body.is_array()) {
    for (Json& item : body) item = Surprising(std::move(item));
    return body;
  }
  if (!body.is_object()) return body;
  static const auto* const kUnknown = new std::map<std::string, Json>{
      {"state", "HIBERNATING"},
      {"plan", "ultra-9000"},
      {"service_type", "quantumdb"},
      {"cloud_description", nullptr},
      {"default_cloud", nullptr},
      {"actor", nullptr},
      {"unit", nullptr},
      {"metadata", nullptr},
      {"maintenance", nullptr},
  };
  static const auto* const kDropped = new std::set<std::string>{
      "tags", "node_states", "node_memory_mb", "disk_space_mb", "severity"};
  Json result = Json::object();
  for (auto& [name, value] : body.items()) {
    if (kDropped->count(name) > 0) continue;
    auto found = kUnknown->find(name);
    result[name] =
        found != kUnknown->end() ? found->second : Surprising(std::move(value));
  }
  result["field_of_the_future"] = {{"nested", Json::array({1, nullptr})}};
  return result;
}

}  // namespace howdah::local::aiven

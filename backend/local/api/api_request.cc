#include "backend/local/api/api_request.h"

#include <cstdint>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/yaml_body.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

absl::StatusOr<std::string> Decode(absl::string_view text, bool plus_is_space) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else if (i + 2 < text.size() && absl::ascii_isxdigit(text[i + 1]) &&
               absl::ascii_isxdigit(text[i + 2])) {
      out += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      return absl::InvalidArgumentError("invalid URL escape");
    }
  }
  return out;
}

// As Go reads it: what no int64 holds is a float.
void BoundNumbers(nlohmann::json& value) {
  if (value.is_structured()) {
    for (nlohmann::json& part : value) BoundNumbers(part);
  } else if (value.is_number_unsigned() &&
             value.get<uint64_t>() > std::numeric_limits<int64_t>::max()) {
    value = value.get<double>();
  }
}

bool IsYaml(const ApiRequest& request) {
  return MediaType(request.content_type) ==
         (request.method == "PATCH" ? "application/apply-patch+yaml"
                                    : "application/yaml");
}

std::vector<std::string> DuplicatesOfJson(absl::string_view text) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> seen;
  std::vector<std::string> path;
  std::vector<std::string> twice;
  auto look = [&](int, Event event, nlohmann::json& value) {
    if (event == Event::object_start) {
      seen.emplace_back();
      path.emplace_back();
    } else if (event == Event::object_end) {
      seen.pop_back();
      path.pop_back();
    } else if (event == Event::key) {
      path.back() = value.get<std::string>();
      if (!seen.back().insert(path.back()).second) {
        twice.push_back(
            absl::StrCat("duplicate field \"", absl::StrJoin(path, "."), "\""));
      }
    }
    return true;
  };
  nlohmann::json unused = nlohmann::json::parse(text, look, false);
  return twice;
}

}  // namespace

absl::StatusOr<Target> ParseTarget(absl::string_view target) {
  Target result;
  std::pair<absl::string_view, absl::string_view> halves =
      absl::StrSplit(target, absl::MaxSplits('?', 1));
  ASSIGN_OR_RETURN(result.path, Decode(halves.first, false));
  for (absl::string_view pair :
       absl::StrSplit(halves.second, '&', absl::SkipEmpty())) {
    std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    absl::StatusOr<std::string> key = Decode(parts.first, true);
    absl::StatusOr<std::string> value = Decode(parts.second, true);
    if (!key.ok() || !value.ok() || absl::StrContains(pair, ';')) continue;
    result.query.emplace(*std::move(key), *std::move(value));
  }
  return result;
}

std::string QueryValue(const Query& query, const std::string& name) {
  auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

bool QueryFlag(const Query& query, const std::string& name) {
  const auto found = query.find(name);
  return found != query.end() && found->second != "0" &&
         !absl::EqualsIgnoreCase(found->second, "false");
}

std::string MediaType(absl::string_view content_type) {
  std::vector<absl::string_view> parts = absl::StrSplit(content_type, ';');
  for (size_t i = 1; i < parts.size(); ++i) {
    parts[i] = absl::StripAsciiWhitespace(parts[i]);
    // What is malformed is of no type.
    if (!parts[i].empty() && !absl::StrContains(parts[i], '=')) {
      return std::string(content_type);
    }
  }
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[0]));
}

absl::StatusOr<nlohmann::json> ParseBody(const ApiRequest& request) {
  if (IsYaml(request)) {
    ASSIGN_OR_RETURN(YamlBody body, ParseYaml(request.body));
    return std::move(body.value);
  }
  const std::string type = MediaType(request.content_type);
  if (!type.empty() && type != "application/json" &&
      request.method != "PATCH") {
    return UnsupportedMediaType(
        "the body of the request was in an unknown format - accepted media "
        "types include: application/json, application/yaml, "
        "application/vnd.kubernetes.protobuf");
  }
  nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
  if (body.is_discarded()) {
    return BadRequest(
        "the object provided is unrecognized (must be of type "
        "JSON): couldn't parse the body of the request");
  }
  BoundNumbers(body);
  return body;
}

std::vector<std::string> DuplicateFields(const ApiRequest& request) {
  if (!IsYaml(request)) return DuplicatesOfJson(request.body);
  const absl::StatusOr<YamlBody> body = ParseYaml(request.body);
  if (!body.ok() || body->duplicates.empty()) return {};
  return {absl::StrCat("yaml: unmarshal errors:\n  ",
                       absl::StrJoin(body->duplicates, "\n  "))};
}

absl::StatusOr<uint64_t> ParseVersion(absl::string_view text) {
  uint64_t version = 0;
  if (text.empty() ||
      (absl::ascii_isdigit(text[0]) && absl::SimpleAtoi(text, &version))) {
    return version;
  }
  const bool digits = text.find_first_not_of("0123456789") == text.npos;
  return ServerFault(
      absl::StrCat("strconv.ParseUint: parsing \"", text,
                   "\": ", digits ? "value out of range" : "invalid syntax"));
}

ApiResponse PageNotFound() {
  ApiResponse response;
  response.code = 404;
  response.content_type = "text/plain; charset=utf-8";
  response.body = "404 page not found\n";
  return response;
}

ResourcePath ParseResourcePath(absl::string_view path) {
  absl::ConsumePrefix(&path, "/");
  absl::ConsumeSuffix(&path, "/");
  std::vector<std::string> parts = absl::StrSplit(path, '/');
  for (const std::string& part : parts) {
    if (part.empty()) return {};
  }
  ResourcePath result;
  size_t at = 0;
  auto take = [&]() -> std::string {
    return at < parts.size() ? parts[at++] : "";
  };
  std::string root = take();
  if (root == "apis") {
    result.group = take();
  } else if (root != "api") {
    return {};
  }
  result.version = take();
  // /namespaces/{name} is the namespace itself, with more behind it a scope.
  bool scoped = parts.size() > at + 2 && parts[at] == "namespaces" &&
                parts[at + 2] != "status" && parts[at + 2] != "finalize";
  if (scoped) {
    ++at;
    result.namespace_name = take();
  }
  result.plural = take();
  result.name = take();
  result.subresource = take();
  result.deeper = at < parts.size();
  return result;
}

}  // namespace howdah::local

#include "backend/local/aiven/request.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backend/local/aiven/api_error.h"

namespace howdah::local::aiven {
namespace {

using Json = nlohmann::json;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = absl::ascii_tolower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::string> Decode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = HexValue(text[i + 1]), low = HexValue(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

bool HasType(const Json& value, FieldType type) {
  switch (type) {
    case FieldType::kText:
      return value.is_string();
    case FieldType::kInteger:
      return value.is_number_integer();
    case FieldType::kFlag:
      return value.is_boolean();
    case FieldType::kObject:
      return value.is_object();
    case FieldType::kArray:
      return value.is_array();
  }
  return false;
}

// Whether an integer is one that handlers can take as an int.
bool IsSmall(const Json& integer) {
  // One above the range of int64_t has a type of its own.
  if (integer.is_number_unsigned() &&
      integer.get<uint64_t>() > std::numeric_limits<int>::max()) {
    return false;
  }
  return integer.get<int64_t>() >= std::numeric_limits<int>::min() &&
         integer.get<int64_t>() <= std::numeric_limits<int>::max();
}

absl::string_view TypeName(FieldType type) {
  switch (type) {
    case FieldType::kText:
      return "string";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kFlag:
      return "boolean";
    case FieldType::kObject:
      return "object";
    case FieldType::kArray:
      return "array";
  }
  return "";
}

}  // namespace

std::vector<std::string> SplitPath(absl::string_view target) {
  absl::string_view path = target.substr(0, target.find('?'));
  if (path.empty() || path.front() != '/') return {};
  std::vector<std::string> segments;
  for (absl::string_view part : absl::StrSplit(path.substr(1), '/')) {
    std::optional<std::string> decoded = Decode(part);
    if (!decoded.has_value()) return {};
    segments.push_back(*std::move(decoded));
  }
  return segments;
}

std::map<std::string, std::string> ParseQuery(absl::string_view target) {
  std::map<std::string, std::string> query;
  size_t mark = target.find('?');
  if (mark == absl::string_view::npos) return query;
  for (absl::string_view part :
       absl::StrSplit(target.substr(mark + 1), '&', absl::SkipEmpty())) {
    std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    std::optional<std::string> name = Decode(pair.first);
    std::optional<std::string> value = Decode(pair.second);
    if (name.has_value() && value.has_value()) query[*name] = *value;
  }
  return query;
}

absl::StatusOr<Json> ParseBody(const std::string& body) {
  if (absl::StripAsciiWhitespace(body).empty()) return Json::object();
  Json json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) return InvalidInput("the body is not valid JSON");
  if (!json.is_object()) return InvalidInput("the body is not an object");
  return json;
}

absl::Status CheckFields(const Json& body, const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    if (!body.contains(field.name)) {
      if (!field.required) continue;
      return InvalidInput(
          absl::StrCat("'", field.name, "' is a required property"));
    }
    const Json& value = body[field.name];
    if (value.is_null() && field.may_be_null) continue;
    if (!HasType(value, field.type)) {
      return InvalidInput(absl::StrCat("'", field.name, "' is not of type '",
                                       TypeName(field.type), "'"));
    }
    if (field.type == FieldType::kInteger && !IsSmall(value)) {
      return InvalidInput(absl::StrCat("'", field.name, "' is out of range"));
    }
  }
  for (auto it = body.begin(); it != body.end(); ++it) {
    bool known =
        std::any_of(fields.begin(), fields.end(),
                    [&](const Field& field) { return field.name == it.key(); });
    if (!known) {
      return InvalidInput(
          absl::StrCat("Additional properties are not allowed ('", it.key(),
                       "' was unexpected)"));
    }
  }
  return absl::OkStatus();
}

}  // namespace howdah::local::aiven

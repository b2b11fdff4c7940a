#include "backend/local/api/schema_validation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "backend/local/api/schema.h"
#include "re2/re2.h"

namespace howdah::local {
namespace {

using Causes = std::vector<FieldCause>;

std::string Join(const std::string& path, const std::string& field) {
  return path.empty() ? field : absl::StrCat(path, ".", field);
}

// Numbers beyond int64 are read as floating point.
bool IsInteger(const Json& value) {
  return value.is_number_integer() &&
         (!value.is_number_unsigned() ||
          value.get<uint64_t>() <=
              uint64_t{std::numeric_limits<int64_t>::max()});
}

// Those that a double holds exactly.
bool IsWhole(const Json& value) {
  if (!value.is_number() || IsInteger(value)) return false;
  const auto number = value.get<double>();
  return std::abs(number) < 9007199254740992.0 && std::trunc(number) == number;
}

std::string TypeOf(const Json& value) {
  return IsInteger(value) ? "integer" : value.type_name();
}

// As the real server calls the format of a value that has none declared.
std::string FormatOf(const Json& value) {
  if (!value.is_number()) return "";
  return IsInteger(value) ? "int64" : "float64";
}

FieldCause WrongType(const std::string& path, absl::string_view wanted,
                     absl::string_view given) {
  return {
      "FieldValueTypeInvalid",
      absl::StrCat("Invalid value: \"", given, "\": ", path,
                   " in body must be of type ", wanted, ": \"", given, "\""),
      path};
}

// A cause that names its field only in its words.
FieldCause Unplaced(const std::string& why) {
  return {"FieldValueInvalid", absl::StrCat("Invalid value: \"\": ", why),
          std::string(kNoField)};
}

void CheckType(const Json& schema, const std::string& path, const Json& value,
               Causes& causes) {
  std::set<std::string> types;
  if (schema.value("x-kubernetes-int-or-string", false)) {
    types = {"integer", "string"};
  } else if (const auto type = schema.find("type"); type != schema.end()) {
    types = {type->get<std::string>()};
  }
  if (types.empty()) return;
  const std::string wanted = absl::StrJoin(types, ",");
  if (value.is_null()) {
    causes.push_back(WrongType(path, wanted, "null"));
    return;
  }
  const std::string given = TypeOf(value);
  const std::string format = schema.value("format", "");
  const bool number_for_number =
      (given == "integer" && types.contains("number")) ||
      (IsWhole(value) && types.contains("integer"));
  const bool fits = types.contains(given) || number_for_number;
  const bool is_text_or_list = value.is_string() || value.is_array();
  if (!is_text_or_list && !format.empty() && !fits &&
      format != FormatOf(value)) {
    causes.push_back(WrongType(path, format, FormatOf(value)));
    return;
  }
  if (is_text_or_list && !format.empty() && !types.contains("integer") &&
      !types.contains("number")) {
    return;
  }
  if (!fits) causes.push_back(WrongType(path, wanted, given));
}

// The size of a text in characters.
int64_t Length(const std::string& text) {
  return std::count_if(text.begin(), text.end(),
                       [](char byte) { return (byte & 0xC0) != 0x80; });
}

bool IsTime(const std::string& text) {
  static const auto& form =
      *new RE2(R"(\d{4}-\d\d-\d\dt([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?)"
               R"((z|[+-]\d\d:\d\d))");
  absl::Time time;
  return RE2::FullMatch(absl::AsciiStrToLower(text), form) &&
         absl::ParseTime("%Y-%m-%d", text.substr(0, 10), &time, nullptr);
}

// The first thing that is wrong with its length or its form.
void CheckText(const Json& schema, const std::string& path, const Json& value,
               Causes& causes) {
  const auto& text = value.get_ref<const std::string&>();
  const auto most = schema.find("maxLength");
  const auto least = schema.find("minLength");
  const auto pattern = schema.find("pattern");
  if (most != schema.end() && Length(text) > *most) {
    causes.push_back({"FieldValueTooLong",
                      absl::StrCat("Too long: may not be more than ",
                                   most->dump(), " bytes"),
                      path});
  } else if (least != schema.end() && Length(text) < *least) {
    causes.push_back(
        InvalidValue(path, value,
                     absl::StrCat(path, " in body should be at least ",
                                  least->dump(), " chars long")));
  } else if (pattern != schema.end() &&
             !RE2::PartialMatch(text, pattern->get<std::string>())) {
    causes.push_back(InvalidValue(
        path, value,
        absl::StrCat(path, " in body should match '",
                     pattern->get_ref<const std::string&>(), "'")));
  }
  if (schema.value("format", "") == "date-time" && !IsTime(text)) {
    causes.push_back(WrongType(path, "date-time", text));
  }
}

void CheckNumber(const Json& schema, const std::string& path, const Json& value,
                 Causes& causes) {
  const auto number = value.get<double>();
  const std::string format = schema.value("format", "");
  const bool small = format == "int32";
  if (schema.value("type", "") == "integer" &&
      (number >= 9223372036854775808.0 || number < -9223372036854775808.0 ||
       !(IsInteger(value) || IsWhole(value)) ||
       (small && (number < std::numeric_limits<int32_t>::min() ||
                  number > std::numeric_limits<int32_t>::max())))) {
    causes.push_back(Unplaced(
        absl::StrCat("Checked value must be of type integer ",
                     format.empty() ? "(default format)" : "with format ",
                     format, " in ", path)));
  }
  const auto least = schema.find("minimum");
  const auto most = schema.find("maximum");
  if (most != schema.end() && number > most->get<double>()) {
    causes.push_back(InvalidValue(
        path, value,
        absl::StrCat(path, " in body should be less than or equal to ",
                     most->dump())));
  }
  if (least != schema.end() && number < least->get<double>()) {
    causes.push_back(InvalidValue(
        path, value,
        absl::StrCat(path, " in body should be greater than or equal to ",
                     least->dump())));
  }
}

void CheckChoice(const Json& schema, const std::string& path, const Json& value,
                 Causes& causes) {
  const auto choices = schema.find("enum");
  if (choices == schema.end() ||
      std::find(choices->begin(), choices->end(), value) != choices->end()) {
    return;
  }
  causes.push_back(
      UnsupportedValue(path, value, choices->get<std::vector<std::string>>()));
}

void ValidateAt(const Json& schema, const std::string& path, const Json& value,
                const Json* before, Causes& causes) {
  if (before != nullptr && *before == value) return;
  CheckType(schema, path, value, causes);
  if (value.is_string()) CheckText(schema, path, value, causes);
  if (value.is_number()) CheckNumber(schema, path, value, causes);
  if (value.is_array()) {
    if (const auto items = schema.find("items"); items != schema.end()) {
      for (size_t i = 0; i < value.size(); ++i) {
        ValidateAt(*items, absl::StrCat(path, "[", i, "]"), value[i], nullptr,
                   causes);
      }
    }
  }
  CheckChoice(schema, path, value, causes);
  if (!value.is_object()) return;
  for (const auto& [field, child] : value.items()) {
    const Json* known = SchemaOfField(schema, field);
    if (known == nullptr) continue;
    const Json* old = nullptr;
    if (before != nullptr && before->is_object() && before->contains(field)) {
      old = &before->at(field);
    }
    ValidateAt(*known, Join(path, field), child, old, causes);
  }
  for (const Json& name : PartOf(schema, "required")) {
    const auto& field = name.get_ref<const std::string&>();
    if (!value.contains(field)) {
      causes.push_back(RequiredValue(Join(path, field)));
    }
  }
}

// What tells the elements of a list apart.
Json KeyOf(const Json& schema, const Json& element) {
  if (schema.value("x-kubernetes-list-type", "") == "set") return element;
  Json key = Json::object();
  for (const Json& name : PartOf(schema, "x-kubernetes-list-map-keys")) {
    const auto& field = name.get_ref<const std::string&>();
    if (element.contains(field)) key[field] = element[field];
  }
  return key;
}

void ValidateListsAt(const Json& schema, const std::string& path,
                     const Json& value, Causes& causes) {
  if (value.is_array()) {
    const std::string type = schema.value("x-kubernetes-list-type", "");
    if (type == "map") {
      for (size_t i = 0; i < value.size(); ++i) {
        if (value[i].is_object() || value[i].is_null()) continue;
        causes.push_back(
            InvalidValue(absl::StrCat(path, "[", i, "]"), value[i],
                         "must be an object for an array of list-type map"));
        return;
      }
    }
    std::set<Json> once;
    std::set<Json> twice;
    for (size_t i = 0; i < value.size(); ++i) {
      const std::string place = absl::StrCat(path, "[", i, "]");
      if (type == "map" || type == "set") {
        Json key = KeyOf(schema, value[i]);
        if (!once.insert(key).second && twice.insert(key).second) {
          causes.push_back(DuplicateValue(place, key));
        }
      }
      ValidateListsAt(PartOf(schema, "items"), place, value[i], causes);
    }
  }
  if (!value.is_object()) return;
  const bool is_map = schema.contains("additionalProperties");
  for (const auto& [field, child] : value.items()) {
    const Json* known = SchemaOfField(schema, field);
    if (known == nullptr) continue;
    ValidateListsAt(
        *known,
        is_map ? absl::StrCat(path, "[", field, "]") : Join(path, field), child,
        causes);
  }
}

}  // namespace

std::vector<FieldCause> Validate(const Json& schema, const Json& value,
                                 const Json* before) {
  Causes causes;
  ValidateAt(schema, "", value, before, causes);
  return causes;
}

std::vector<FieldCause> ValidateLists(const Json& schema, const Json& value) {
  Causes causes;
  ValidateListsAt(schema, "", value, causes);
  return causes;
}

}  // namespace howdah::local

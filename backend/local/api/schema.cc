#include "backend/local/api/schema.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace howdah::local {
namespace {

const Json* Find(const Json& schema, const char* key) {
  auto found = schema.find(key);
  return found == schema.end() ? nullptr : &*found;
}

std::string Join(const std::string& path, const std::string& field) {
  return path.empty() ? field : absl::StrCat(path, ".", field);
}

bool Preserves(const Json& schema) {
  return schema.value("x-kubernetes-preserve-unknown-fields", false);
}

bool Contains(const Json* list, const std::string& name) {
  return list != nullptr &&
         std::find(list->begin(), list->end(), name) != list->end();
}

void PruneAt(const Json& schema, const std::string& path, Json& value,
             Pruned& pruned) {
  if (value.is_array()) {
    const Json* items = Find(schema, "items");
    if (items == nullptr) return;
    for (size_t i = 0; i < value.size(); ++i) {
      PruneAt(*items, absl::StrCat(path, "[", i, "]"), value[i], pruned);
    }
    return;
  }
  if (!value.is_object()) return;
  const Json* properties = Find(schema, "properties");
  const Json* unsupported = Find(schema, "x-unsupported");
  if (properties == nullptr) return;  // a map, or free
  std::vector<std::string> gone;
  for (auto& [field, child] : value.items()) {
    if (path.empty() &&
        (field == "apiVersion" || field == "kind" || field == "metadata")) {
      continue;
    }
    auto known = properties->find(field);
    if (known != properties->end()) {
      if (known->value("x-fixed", false) && child != (*known)["default"]) {
        pruned.unsupported.push_back(Join(path, field));
      }
      PruneAt(*known, Join(path, field), child, pruned);
    } else if (Contains(unsupported, field)) {
      pruned.unsupported.push_back(Join(path, field));
    } else if (!Preserves(schema)) {
      gone.push_back(field);
    }
  }
  for (const std::string& field : gone) {
    pruned.unknown.push_back(Join(path, field));
    value.erase(field);
  }
}

bool TypeFits(const std::string& type, const Json& value) {
  if (type == "integer") {
    return value.is_number_integer() ||
           (value.is_number_float() &&
            value.get<double>() == static_cast<int64_t>(value.get<double>()));
  }
  if (type == "number") return value.is_number();
  return type == value.type_name();
}

// Names of types as the API server prints them.
std::string TypeOf(const Json& value) {
  if (value.is_number_integer()) return "integer";
  return value.type_name();
}

void ValidateText(const Json& schema, const std::string& path,
                  const Json& value, std::vector<FieldCause>& causes) {
  std::string text = value.get<std::string>();
  auto length = static_cast<int64_t>(text.size());
  if (const Json* limit = Find(schema, "maxLength");
      limit != nullptr && length > limit->get<int64_t>()) {
    causes.push_back({"FieldValueTooLong",
                      absl::StrCat("Too long: may not be more than ",
                                   limit->get<int64_t>(), " bytes"),
                      path});
  }
  if (const Json* limit = Find(schema, "minLength");
      limit != nullptr && length < limit->get<int64_t>()) {
    causes.push_back(
        InvalidValue(path, value,
                     absl::StrCat(path, " in body should be at least ",
                                  limit->get<int64_t>(), " chars long")));
  }
  std::string format = schema.value("format", "");
  absl::Time time;
  std::string bytes;
  if (format == "date-time" &&
      !absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) {
    causes.push_back(InvalidValue(
        path, value,
        absl::StrCat(path, " in body must be of type date-time: \"", text,
                     "\"")));
  }
  if (format == "byte" && !absl::Base64Unescape(text, &bytes)) {
    size_t wrong = text.find_first_not_of(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    causes.push_back(
        {"FieldValueInvalid",
         absl::StrCat(kIllegalBytes,
                      wrong == std::string::npos ? text.size() : wrong),
         path});
  }
}

void ValidateNumber(const Json& schema, const std::string& path,
                    const Json& value, std::vector<FieldCause>& causes) {
  auto number = value.get<double>();
  if (const Json* limit = Find(schema, "minimum");
      limit != nullptr && number < limit->get<double>()) {
    causes.push_back(InvalidValue(
        path, value,
        absl::StrCat(path, " in body should be greater than or equal to ",
                     limit->dump())));
  }
  if (const Json* limit = Find(schema, "maximum");
      limit != nullptr && number > limit->get<double>()) {
    causes.push_back(InvalidValue(
        path, value,
        absl::StrCat(path, " in body should be less than or equal to ",
                     limit->dump())));
  }
}

void ValidateAt(const Json& schema, const std::string& path, const Json& value,
                std::vector<FieldCause>& causes) {
  if (const Json* type = Find(schema, "type");
      type != nullptr && !TypeFits(type->get<std::string>(), value)) {
    std::string actual = TypeOf(value);
    causes.push_back(
        {"FieldValueTypeInvalid",
         absl::StrCat("Invalid value: \"", actual, "\": ", path,
                      " in body must be of type ", type->get<std::string>(),
                      ": \"", actual, "\""),
         path});
    return;
  }
  if (const Json* choices = Find(schema, "enum");
      choices != nullptr &&
      std::find(choices->begin(), choices->end(), value) == choices->end()) {
    std::vector<std::string> names;
    for (const Json& one : *choices) names.push_back(one.get<std::string>());
    causes.push_back(UnsupportedValue(path, value, names));
  }
  if (value.is_string()) ValidateText(schema, path, value, causes);
  if (value.is_number()) ValidateNumber(schema, path, value, causes);
  if (value.is_array()) {
    const Json* items = Find(schema, "items");
    for (size_t i = 0; items != nullptr && i < value.size(); ++i) {
      ValidateAt(*items, absl::StrCat(path, "[", i, "]"), value[i], causes);
    }
  }
  if (!value.is_object()) return;
  if (const Json* required = Find(schema, "required")) {
    for (const Json& name : *required) {
      auto field = name.get<std::string>();
      if (!value.contains(field)) {
        causes.push_back(RequiredValue(Join(path, field)));
      }
    }
  }
  const Json* properties = Find(schema, "properties");
  const Json* others = Find(schema, "additionalProperties");
  for (const auto& [field, child] : value.items()) {
    if (properties != nullptr) {
      auto known = properties->find(field);
      if (known != properties->end()) {
        ValidateAt(*known, Join(path, field), child, causes);
      }
    } else if (others != nullptr) {
      ValidateAt(*others, Join(path, field), child, causes);
    }
  }
}

}  // namespace

void ApplyDefaults(const Json& schema, Json& value) {
  if (value.is_array()) {
    if (const Json* items = Find(schema, "items")) {
      for (Json& one : value) ApplyDefaults(*items, one);
    }
    return;
  }
  if (!value.is_object()) return;
  const Json* properties = Find(schema, "properties");
  if (properties == nullptr) return;
  for (const auto& [field, child] : properties->items()) {
    auto found = value.find(field);
    const Json* standard = Find(child, "default");
    // A null stands for "not set" where there is a default.
    if (standard != nullptr && (found == value.end() || found->is_null())) {
      value[field] = *standard;
      found = value.find(field);
    }
    if (found != value.end() && found->is_null()) {
      value.erase(field);
    } else if (found != value.end()) {
      ApplyDefaults(child, *found);
    }
  }
}

Pruned Prune(const Json& schema, Json& value) {
  Pruned pruned;
  PruneAt(schema, "", value, pruned);
  return pruned;
}

std::vector<FieldCause> Validate(const Json& schema, const Json& value) {
  std::vector<FieldCause> causes;
  ValidateAt(schema, "", value, causes);
  return causes;
}

}  // namespace howdah::local

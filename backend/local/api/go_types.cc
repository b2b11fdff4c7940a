#include "backend/local/api/go_types.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/quantity.h"
#include "backend/local/api/schema.h"

namespace howdah::local {
namespace {

constexpr char kObjectMeta[] = R"json({
"type": "object", "properties": {
 "name": {"type": "string"}, "generateName": {"type": "string"},
 "namespace": {"type": "string"}, "selfLink": {"type": "string"},
 "uid": {"type": "string"}, "resourceVersion": {"type": "string"},
 "generation": {"type": "integer"},
 "creationTimestamp": {"type": "string", "format": "date-time"},
 "deletionTimestamp": {"type": "string", "format": "date-time"},
 "deletionGracePeriodSeconds": {"type": "integer"},
 "labels": {"type": "object", "additionalProperties": {"type": "string"}},
 "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
 "finalizers": {"type": "array", "x-kubernetes-list-type": "set",
  "items": {"type": "string"}},
 "ownerReferences": {"type": "array", "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["uid"], "items": {"type": "object",
  "x-kubernetes-map-type": "atomic", "properties": {
  "apiVersion": {"type": "string"}, "kind": {"type": "string"},
  "name": {"type": "string"}, "uid": {"type": "string"},
  "controller": {"type": "boolean"}, "blockOwnerDeletion": {"type": "boolean"}}}},
 "managedFields": {"type": "array", "items": {"type": "object", "properties": {
  "manager": {"type": "string"}, "operation": {"type": "string"},
  "apiVersion": {"type": "string"}, "subresource": {"type": "string"},
  "time": {"type": "string", "format": "date-time"},
  "fieldsType": {"type": "string"}}}}}
})json";

constexpr char kDeleteOptions[] = R"json({
"type": "object", "properties": {
 "apiVersion": {"type": "string"}, "kind": {"type": "string"},
 "gracePeriodSeconds": {"type": "integer"},
 "preconditions": {"type": "object", "properties": {
  "uid": {"type": "string"}, "resourceVersion": {"type": "string"}}},
 "orphanDependents": {"type": "boolean"},
 "propagationPolicy": {"type": "string"},
 "dryRun": {"type": "array", "items": {"type": "string"}},
 "ignoreStoreReadErrorWithClusterBreakingPotential": {"type": "boolean"}}
})json";

constexpr char kScaleSpec[] = R"json({
"type": "object", "properties": {"replicas": {"type": "integer"}}
})json";

constexpr char kAccessReviewSpec[] = R"json({
"type": "object", "properties": {
 "resourceAttributes": {"type": "object", "properties": {
  "namespace": {"type": "string"}, "verb": {"type": "string"},
  "group": {"type": "string"}, "version": {"type": "string"},
  "resource": {"type": "string"}, "subresource": {"type": "string"},
  "name": {"type": "string"}}},
 "nonResourceAttributes": {"type": "object", "properties": {
  "path": {"type": "string"}, "verb": {"type": "string"}}}}
})json";

constexpr char kRulesReviewSpec[] = R"json({
"type": "object", "properties": {"namespace": {"type": "string"}}
})json";

// A whole object with that specification.
Json ObjectType(const char* spec) {
  return {{"type", "object"},
          {"properties",
           {{"apiVersion", {{"type", "string"}}},
            {"kind", {{"type", "string"}}},
            {"metadata", ObjectMetaType()},
            {"spec", Json::parse(spec)}}}};
}

// What Go writes of a field that was not set.
Json ZeroOf(const Json& type) {
  if (const auto own = type.find("x-zero"); own != type.end()) return *own;
  if (type.value("x-kubernetes-int-or-string", false)) {
    return type.contains("pattern") ? Json("0") : Json(0);
  }
  const std::string name = type.value("type", "");
  if (name == "string") return "";
  if (name == "object") return Json::object();
  if (name == "integer") return 0;
  if (name == "boolean") return false;
  return nullptr;
}

bool IsTime(const Json& type) {
  return type.value("format", "") == "date-time";
}

bool IsQuantity(const Json& type) {
  return type.value("x-kubernetes-int-or-string", false) &&
         type.contains("pattern");
}

bool IsInteger(const Json& type, const Json& value) {
  if (!value.is_number()) return false;
  const auto number = value.get<double>();
  const double limit = type.value("format", "") == "int32"
                           ? 2147483648.0
                           : 9223372036854775808.0;
  return std::trunc(number) == number && number >= -limit && number < limit;
}

bool FitsQuantity(const Json& value) {
  if (value.is_number()) return true;
  return value.is_string() &&
         ParseQuantity(
             absl::StripAsciiWhitespace(value.get_ref<const std::string&>()))
             .ok();
}

// What is not base64 in it.
std::string BytesMisfit(const std::string& text) {
  std::string bytes;
  if (absl::Base64Unescape(text, &bytes)) return "";
  const size_t wrong = text.find_first_not_of(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  return absl::StrCat("illegal base64 data at input byte ",
                      wrong == std::string::npos ? text.size() : wrong);
}

std::string MisfitAt(const Json& type, const std::string& path,
                     const Json& value) {
  if (value.is_null()) return "";
  const std::string name = type.value("type", "");
  if (IsQuantity(type)) {
    if (FitsQuantity(value)) return "";
    return absl::StrCat(
        "quantities must match the regular expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$' in ",
        path);
  }
  bool fits = true;
  if (type.value("x-kubernetes-int-or-string", false)) {
    fits = value.is_string() || IsInteger({{"format", "int32"}}, value);
  } else if (name == "string" && value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (type.value("format", "") == "byte") return BytesMisfit(text);
    absl::Time time;
    fits = !IsTime(type) ||
           absl::ParseTime(absl::RFC3339_full, text, &time, nullptr);
  } else if (name == "integer") {
    fits = IsInteger(type, value);
  } else if (!name.empty()) {
    fits = name == value.type_name();
  }
  if (!fits) {
    return absl::StrCat("json: cannot unmarshal ", value.type_name(),
                        " into Go struct field ", path, " of type ", name);
  }
  if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) {
      std::string misfit = MisfitAt(PartOf(type, "items"),
                                    absl::StrCat(path, "[", i, "]"), value[i]);
      if (!misfit.empty()) return misfit;
    }
  }
  if (!value.is_object()) return "";
  for (const auto& [field, part] : value.items()) {
    const Json* known = SchemaOfField(type, field);
    if (known == nullptr) continue;
    std::string misfit = MisfitAt(
        *known, absl::StrCat(path, path.empty() ? "" : ".", field), part);
    if (!misfit.empty()) return misfit;
  }
  return "";
}

void NullsToZero(const Json& type, Json& value) {
  if (value.is_array()) {
    const Json& items = PartOf(type, "items");
    for (Json& one : value) {
      if (one.is_null()) one = ZeroOf(items);
      NullsToZero(items, one);
    }
  }
  if (!value.is_object()) return;
  const Json& fields = PartOf(type, "properties");
  const Json& others = PartOf(type, "additionalProperties");
  for (auto it = value.begin(); it != value.end();) {
    const auto known = fields.find(it.key());
    const bool is_field = known != fields.end();
    if (it->is_null() && is_field) {
      it = value.erase(it);
      continue;
    }
    if (it->is_null()) *it = ZeroOf(others);
    NullsToZero(is_field ? *known : others, *it);
    ++it;
  }
}

void RewriteAt(const Json& type, Json& value) {
  absl::Time time;
  if (IsQuantity(type) && !value.is_null()) {
    value = CanonicalQuantity(
        value.is_string() ? value.get_ref<const std::string&>() : value.dump());
  } else if (IsTime(type) && value.is_string() &&
             absl::ParseTime(absl::RFC3339_full,
                             value.get_ref<const std::string&>(), &time,
                             nullptr)) {
    value = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
  } else if (value.is_number_float() && type.value("type", "") == "integer") {
    value = static_cast<int64_t>(value.get<double>());
  }
  if (value.is_array()) {
    for (Json& one : value) RewriteAt(PartOf(type, "items"), one);
  }
  if (!value.is_object()) return;
  const Json& fields = PartOf(type, "properties");
  const Json& required = PartOf(type, "required");
  for (const auto& [field, known] : fields.items()) {
    const bool needed =
        std::find(required.begin(), required.end(), field) != required.end();
    if (!value.contains(field) && known.value("x-written", needed)) {
      value[field] = ZeroOf(known);
    }
  }
  for (auto& [field, part] : value.items()) {
    const Json* known = SchemaOfField(type, field);
    if (known != nullptr) RewriteAt(*known, part);
  }
}

}  // namespace

const Json& ObjectMetaType() {
  static const auto* const kType = new Json(Json::parse(kObjectMeta));
  return *kType;
}

const Json& DeleteOptionsType() {
  static const auto* const kType = new Json(Json::parse(kDeleteOptions));
  return *kType;
}

const Json& ScaleType() {
  static const auto* const kType = new Json(ObjectType(kScaleSpec));
  return *kType;
}

const Json& AccessReviewType() {
  static const auto* const kType = new Json(ObjectType(kAccessReviewSpec));
  return *kType;
}

const Json& RulesReviewType() {
  static const auto* const kType = new Json(ObjectType(kRulesReviewSpec));
  return *kType;
}

std::string Misfit(const Json& type, const Json& value) {
  return MisfitAt(type, "", value);
}

std::string Decode(const Json& type, Json& value) {
  NullsToZero(type, value);
  return Misfit(type, value);
}

void Rewrite(const Json& type, Json& value) {
  NullsToZero(type, value);
  RewriteAt(type, value);
}

absl::Status Fits(absl::string_view misfit, absl::string_view method,
                  absl::string_view kind, absl::string_view version) {
  if (misfit.empty()) return absl::OkStatus();
  if (method == "PATCH") {
    return InvalidObject("", "", "", {InvalidValue("patch", "", misfit)});
  }
  return BadRequest(absl::StrCat(kind, " in version \"", version,
                                 "\" cannot be handled as a ", kind, ": ",
                                 misfit));
}

}  // namespace howdah::local

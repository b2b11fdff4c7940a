#include "backend/local/api/go_types.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
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
 "finalizers": {"type": "array", "items": {"type": "string"}},
 "ownerReferences": {"type": "array", "items": {"type": "object", "properties": {
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

// What a type says of its parts; an empty object says nothing.
const Json& Part(const Json& type, const char* name) {
  static const auto* const kNothing = new Json(Json::object());
  const auto found = type.find(name);
  return found == type.end() ? *kNothing : *found;
}

Json ZeroOf(const Json& type) {
  const std::string name = type.value("type", "");
  if (name == "string") return "";
  if (name == "object") return Json::object();
  return nullptr;
}

void DropNulls(const Json& type, Json& value) {
  if (value.is_array()) {
    const Json& items = Part(type, "items");
    for (Json& one : value) {
      if (one.is_null()) one = ZeroOf(items);
      DropNulls(items, one);
    }
  }
  if (!value.is_object()) return;
  const Json& fields = Part(type, "properties");
  const Json& others = Part(type, "additionalProperties");
  for (auto it = value.begin(); it != value.end();) {
    const auto known = fields.find(it.key());
    const bool is_field = known != fields.end();
    if (it->is_null() && is_field) {
      it = value.erase(it);
      continue;
    }
    if (it->is_null()) *it = ZeroOf(others);
    DropNulls(is_field ? *known : others, *it);
    ++it;
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

std::string Decode(const Json& type, Json& value) {
  DropNulls(type, value);
  for (const FieldCause& cause : Validate(type, value)) {
    if (absl::StartsWith(cause.message, kIllegalBytes)) return cause.message;
    if (absl::StrContains(cause.message, " must be of type ")) {
      return absl::StrCat("json: cannot unmarshal into Go struct field: ",
                          cause.message);
    }
  }
  return "";
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

#include "backend/local/api/patch.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "backend/local/api/api_error.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

constexpr char kDirective[] = "$patch";
constexpr absl::string_view kOrder = "$setElementOrder/";
constexpr absl::string_view kDeletePrimitives = "$deleteFromPrimitiveList/";

// Lists of the built-in types that are merged by a key of their elements; an
// empty key merges scalars. All other lists are replaced.
const std::string* MergeKey(const std::string& field) {
  static const auto& keys =
      *new std::map<std::string, std::string>{{"containers", "name"},
                                              {"initContainers", "name"},
                                              {"volumes", "name"},
                                              {"env", "name"},
                                              {"volumeMounts", "mountPath"},
                                              {"imagePullSecrets", "name"},
                                              {"ports", "port"},
                                              {"conditions", "type"},
                                              {"ownerReferences", "uid"},
                                              {"finalizers", ""}};
  auto found = keys.find(field);
  return found == keys.end() ? nullptr : &found->second;
}

absl::StatusOr<Json> Strategic(const Json& before, const Json& patch);

absl::StatusOr<Json> MergeList(const Json& before, const Json& patch,
                               const std::string& key) {
  Json result = before.is_array() ? before : Json::array();
  for (const Json& element : patch) {
    if (key.empty()) {
      bool known = false;
      for (const Json& one : result) known = known || one == element;
      if (!known) result.push_back(element);
      continue;
    }
    if (!element.is_object()) {
      return BadRequest("a list with merge key holds something but objects");
    }
    if (element.value(kDirective, "") == "replace") {
      Json replaced = Json::array();
      for (const Json& one : patch) {
        if (!one.contains(kDirective)) replaced.push_back(one);
      }
      return replaced;
    }
    if (!element.contains(key)) {
      return BadRequest(
          absl::StrCat("map: ", element.dump(),
                       " does not contain declared merge key: ", key));
    }
    size_t at = 0;
    while (at < result.size() &&
           result[at].value(key, Json()) != element[key]) {
      ++at;
    }
    bool found = at < result.size();
    if (element.value(kDirective, "") == "delete") {
      if (found) result.erase(at);
    } else if (found) {
      ASSIGN_OR_RETURN(result[at], Strategic(result[at], element));
    } else {
      ASSIGN_OR_RETURN(Json added, Strategic(Json::object(), element));
      result.push_back(std::move(added));
    }
  }
  return result;
}

void DeletePrimitives(Json& result, const std::string& field,
                      const Json& values) {
  if (!result.contains(field) || !values.is_array()) return;
  Json kept = Json::array();
  for (const Json& one : result[field]) {
    bool gone = false;
    for (const Json& value : values) gone = gone || one == value;
    if (!gone) kept.push_back(one);
  }
  result[field] = std::move(kept);
}

absl::StatusOr<Json> Strategic(const Json& before, const Json& patch) {
  if (!patch.is_object()) return patch;
  std::string directive = patch.value(kDirective, "");
  if (directive == "delete") return Json();
  Json result =
      before.is_object() && directive != "replace" ? before : Json::object();
  if (auto keep = patch.find("$retainKeys"); keep != patch.end()) {
    std::set<std::string> names;
    for (const Json& name : *keep) {
      if (name.is_string()) names.insert(name.get<std::string>());
    }
    const Json all = result;
    for (const auto& [field, value] : all.items()) {
      if (!names.contains(field)) result.erase(field);
    }
  }
  for (const auto& [field, value] : patch.items()) {
    absl::string_view name = field;
    if (absl::ConsumePrefix(&name, kDeletePrimitives)) {
      DeletePrimitives(result, std::string(name), value);
      continue;
    }
    // The order of merged elements is a wish, which changes no meaning here.
    if (absl::StartsWith(field, "$")) continue;
    if (value.is_null()) {
      result.erase(field);
      continue;
    }
    const Json old = result.value(field, Json());
    if (value.is_object()) {
      ASSIGN_OR_RETURN(Json merged, Strategic(old, value));
      if (merged.is_null()) {
        result.erase(field);
      } else {
        result[field] = std::move(merged);
      }
    } else if (const std::string* key = MergeKey(field);
               key != nullptr && value.is_array()) {
      ASSIGN_OR_RETURN(result[field], MergeList(old, value, *key));
    } else {
      result[field] = value;
    }
  }
  return result;
}

absl::StatusOr<Json> JsonPatch(const Json& before, const Json& patch) {
  if (!patch.is_array()) {
    return BadRequest(
        "error decoding patch: json: cannot unmarshal object into Go value of "
        "type []handlers.jsonPatchOp");
  }
  if (patch.size() > 10000) {
    return TooLarge(
        absl::StrCat("The allowed maximum operations in a JSON "
                     "patch is 10000, got ",
                     patch.size()));
  }
  // The library reports by exception; this is the only place that sees it.
  try {
    return before.patch(patch);
  } catch (const Json::exception&) {
    return ApiError(
        422, "Invalid",
        "the server rejected our request due to an error in our request",
        Json::object());
  }
}

}  // namespace

absl::StatusOr<PatchKind> PatchKindOf(absl::string_view content_type,
                                      bool custom_resource) {
  std::vector<std::string> parts = absl::StrSplit(content_type, ';');
  absl::string_view type = absl::StripAsciiWhitespace(parts[0]);
  if (type == "application/json-patch+json") return PatchKind::kJson;
  if (type == "application/merge-patch+json") return PatchKind::kMerge;
  if (type == "application/strategic-merge-patch+json" && !custom_resource) {
    return PatchKind::kStrategic;
  }
  if (type == "application/apply-patch+yaml") return PatchKind::kApply;
  return UnsupportedMediaType(absl::StrCat(
      "the body of the request was in an unknown format - accepted media "
      "types include: application/json-patch+json, "
      "application/merge-patch+json",
      custom_resource ? "" : ", application/strategic-merge-patch+json"));
}

absl::StatusOr<Json> ApplyPatch(PatchKind kind, const Json& before,
                                const Json& patch) {
  if (kind == PatchKind::kJson) return JsonPatch(before, patch);
  if (!patch.is_object()) {
    return BadRequest(
        "error decoding patch: json: cannot unmarshal array into Go value of "
        "type map[string]interface {}");
  }
  if (kind == PatchKind::kStrategic) return Strategic(before, patch);
  Json result = before;
  result.merge_patch(patch);
  return result;
}

}  // namespace howdah::local

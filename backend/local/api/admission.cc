#include "backend/local/api/admission.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/cluster_defaults.h"
#include "backend/local/api/cluster_rules.h"
#include "backend/local/api/database_rules.h"
#include "backend/local/api/definition_rules.h"
#include "backend/local/api/go_types.h"
#include "backend/local/api/names.h"
#include "backend/local/api/schema.h"
#include "backend/local/api/schema_validation.h"
#include "backend/local/store/object_rules.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

using Causes = std::vector<FieldCause>;

void CheckKeys(const Json& metadata, const char* field, bool values,
               Causes& causes) {
  auto found = metadata.find(field);
  if (found == metadata.end()) return;
  std::string path = absl::StrCat("metadata.", field);
  for (const auto& [key, value] : found->items()) {
    std::string why = CheckQualifiedName(key);
    if (!why.empty()) causes.push_back(InvalidValue(path, key, why));
    if (!values) continue;
    why = CheckLabelValue(value.get<std::string>());
    if (!why.empty()) causes.push_back(InvalidValue(path, value, why));
  }
}

void CheckOwners(const Json& metadata, Causes& causes) {
  const auto found = metadata.find("ownerReferences");
  if (found == metadata.end()) return;
  for (const Json& owner : *found) {
    for (const char* field : {"apiVersion", "kind", "name", "uid"}) {
      if (!owner.value(field, "").empty()) continue;
      const bool version = absl::string_view(field) == "apiVersion";
      causes.push_back(InvalidValue(
          absl::StrCat("metadata.ownerReferences.", field), "",
          version ? "version must not be empty" : "must not be empty"));
    }
  }
}

void CheckFinalizerNames(const ResourceInfo& info, const Json& metadata,
                         Causes& causes) {
  const auto found = metadata.find("finalizers");
  if (found == metadata.end()) return;
  for (const Json& one : *found) {
    const auto name = one.get<std::string>();
    std::string why = CheckQualifiedName(name);
    const bool standard = name == "kubernetes" || name == "orphan" ||
                          name == "foregroundDeletion";
    if (why.empty() && !info.custom && !standard &&
        !absl::StrContains(name, '/')) {
      why =
          "name is neither a standard finalizer name nor is it fully qualified";
    }
    if (!why.empty()) {
      causes.push_back(InvalidValue("metadata.finalizers", name, why));
    }
  }
}

// The metadata fit their Go type (go_types.h).
void CheckMetadata(const ResourceInfo& info, const Json& object,
                   Causes& causes) {
  const Json& metadata = object.at("metadata");
  std::string name = NameOf(object);
  std::string why = info.type.plural == "namespaces"
                        ? CheckDns1123Label(name)
                        : CheckDns1123Subdomain(name);
  if (!why.empty()) causes.push_back(InvalidValue("metadata.name", name, why));
  CheckKeys(metadata, "labels", true, causes);
  CheckKeys(metadata, "annotations", false, causes);
  const auto generation = metadata.value("generation", int64_t{0});
  if (!info.custom && generation < 0) {
    causes.push_back(InvalidValue("metadata.generation", generation,
                                  "must be greater than or equal to 0"));
  }
  CheckFinalizerNames(info, metadata, causes);
  CheckOwners(metadata, causes);
}

void CheckImmutableMetadata(const Json& object, const Json& before,
                            Causes& causes) {
  for (const char* field : {"uid", "deletionTimestamp"}) {
    const std::string now = TextAt(object, "metadata", field);
    if (!now.empty() && now != TextAt(before, "metadata", field)) {
      causes.push_back(InvalidValue(absl::StrCat("metadata.", field), now,
                                    "field is immutable"));
    }
  }
}

void CheckReplicas(const Json& object, const char* holder, Causes& causes) {
  const Json& part = PartOf(object, holder);
  const auto found = part.find("instances");
  if (part.is_object() && found == part.end()) return;
  const std::string path = absl::StrCat(".", holder, ".instances");
  if (!part.is_object() || !found->is_number_integer()) {
    causes.push_back(InvalidValue(
        path, 0, absl::StrCat(path, " accessor error: not an integer")));
  } else if (found->get<int64_t>() < 0) {
    causes.push_back(
        InvalidValue(path, *found, "should be a non-negative integer"));
  } else if (found->get<int64_t>() > 2147483647) {
    causes.push_back(InvalidValue(
        path, *found, "should be less than or equal to 2147483647"));
  }
}

// What the subresource `scale` asks of the fields that it stands for.
void CheckScale(const Json& object, bool writes_status, Causes& causes) {
  if (!writes_status) CheckReplicas(object, "spec", causes);
  CheckReplicas(object, "status", causes);
  const Json& status = PartOf(object, "status");
  const auto selector = status.find("selector");
  if (status.is_object() &&
      (selector == status.end() || selector->is_string())) {
    return;
  }
  causes.push_back(InvalidValue(
      ".status.selector", "", ".status.selector accessor error: not a string"));
}

void CheckFinalizers(const Json& object, const Json& before, Causes& causes) {
  if (!IsTerminating(before)) return;
  std::vector<std::string> added;
  const Json list = object.at("metadata").value("finalizers", Json::array());
  for (const Json& one : list) {
    if (one.is_string() && !HasFinalizer(before, one.get<std::string>())) {
      added.push_back(absl::StrCat("\"", one.get<std::string>(), "\""));
    }
  }
  if (added.empty()) return;
  causes.push_back(ForbiddenValue(
      "metadata.finalizers",
      absl::StrCat("no new finalizers can be added if the object is being "
                   "deleted, found new finalizers []string{",
                   absl::StrJoin(added, ", "), "}")));
}

// After these, CEL rules are not evaluated.
bool PreventsRules(const FieldCause& cause) {
  static const auto& reasons = *new std::set<std::string>{
      "FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong",
      "FieldValueTooMany", "FieldValueTypeInvalid"};
  return reasons.contains(cause.reason);
}

bool HasMutatingWebhook(const ResourceInfo& info) {
  return info.custom && info.type.plural != "databaseroles";
}

// What does not even fit into the Go types of the operator's webhook.
absl::Status CheckDecoding(const ResourceInfo& info, const Json& object) {
  const std::string misfit = Misfit(info.schema, object);
  if (misfit.empty()) return absl::OkStatus();
  return ApiError(400, "",
                  absl::StrCat("admission webhook \"m",
                               absl::StripSuffix(info.type.plural, "s"),
                               ".cnpg.io\" denied the request: ", misfit));
}

// What is wrong with the shape of all that this request may change.
Causes CheckShape(const ResourceInfo& info, const Json& object,
                  const Json* before, bool writes_status) {
  Causes causes;
  if (writes_status) {
    const auto status = object.find("status");
    if (status != object.end()) {
      causes = Validate(
          info.schema.at("properties").at("status"), *status,
          before->contains("status") ? &before->at("status") : nullptr);
    }
    for (FieldCause& cause : causes) {
      const bool placed = cause.field != kNoField && !cause.field.empty();
      cause.field = placed ? absl::StrCat("status.", cause.field) : "status";
    }
  } else {
    causes = Validate(info.schema, object, before);
  }
  if (info.type.plural == "clusters") CheckScale(object, writes_status, causes);
  Causes lists = ValidateLists(info.schema, object);
  if (before == nullptr || ValidateLists(info.schema, *before).empty()) {
    causes.insert(causes.end(), lists.begin(), lists.end());
  }
  return causes;
}

void CheckKeptSecret(const Json& object, const Json& before, Causes& causes) {
  const std::string type = object.value("type", "");
  if (before.value("type", "") != type) {
    causes.push_back(InvalidValue("type", type, "field is immutable"));
  }
  if (before.value("immutable", false) &&
      before.value("data", Json::object()) !=
          object.value("data", Json::object())) {
    causes.push_back(
        ForbiddenValue("data", "field is immutable when `immutable` is set"));
  }
}

void CheckSecret(const Json& object, const Json* before, Causes& causes) {
  if (before != nullptr) CheckKeptSecret(object, *before, causes);
  const Json data = object.value("data", Json::object());
  std::string type = object.value("type", "");
  size_t size = 0;
  for (const auto& [key, value] : data.items()) {
    size += value.is_string() ? value.get_ref<const std::string&>().size() : 0;
    if (key.empty() || key.size() > 253 ||
        key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                              "WXYZ0123456789-_.") != std::string::npos) {
      causes.push_back(InvalidValue(
          absl::StrCat("data[", key, "]"), key,
          "a valid config key must consist of alphanumeric characters, '-', "
          "'_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex "
          "used for validation is '[-._a-zA-Z0-9]+')"));
    }
  }
  if (size > 4 * 1024 * 1024 / 3) {
    causes.push_back({"FieldValueTooLong",
                      "Too long: may not be more than 1048576 bytes", "data"});
  }
  if (type == "kubernetes.io/basic-auth" && !data.contains("username") &&
      !data.contains("password")) {
    causes.push_back(RequiredValue("data[username]"));
    causes.push_back(RequiredValue("data[password]"));
  }
}

void DefaultSecret(Json& object) {
  if (object.value("type", "").empty()) object["type"] = "Opaque";
  auto texts = object.find("stringData");
  if (texts == object.end()) return;
  if (texts->is_object()) {
    Json data = object.value("data", Json::object());
    for (const auto& [key, value] : texts->items()) {
      if (value.is_string()) {
        data[key] = absl::Base64Escape(value.get<std::string>());
      }
    }
    object["data"] = std::move(data);
  }
  object.erase("stringData");
}

}  // namespace

FieldCause RulesNotChecked() {
  return {"FieldValueInvalid",
          "Invalid value: null: some validation rules were not checked because "
          "the object was invalid; correct the existing errors to complete "
          "validation",
          std::string(kNoField)};
}

std::string DecodeObject(const ResourceInfo& info, Json& object) {
  std::string misfit = Decode(ObjectMetaType(), object["metadata"]);
  if (misfit.empty() && !info.custom) misfit = Decode(info.schema, object);
  return misfit;
}

void DefaultObject(const ResourceInfo& info, Json& object) {
  object["apiVersion"] = info.ApiVersion();
  object["kind"] = info.kind;
  DropEmptyMetadata(object["metadata"]);
  if (info.type.plural == "secrets") DefaultSecret(object);
  if (info.type.plural == "namespaces") {
    object["metadata"]["labels"]["kubernetes.io/metadata.name"] =
        NameOf(object);
  }
  // A Go map of nothing is left out.
  for (const char* map : {"data", "binaryData"}) {
    if (!info.custom && object.contains(map) && object[map].empty()) {
      object.erase(map);
    }
  }
  ApplyDefaults(info.schema, object);
}

void CompleteObject(const ResourceInfo& info, Json& object) {
  if (info.type.plural != "namespaces" || IsTerminating(object)) return;
  object["spec"]["finalizers"] = {"kubernetes"};
  object["status"]["phase"] = "Active";
}

absl::Status MutateObject(const ResourceInfo& info, Json& object) {
  if (!HasMutatingWebhook(info)) return absl::OkStatus();
  RETURN_IF_ERROR(CheckDecoding(info, object));
  if (info.type.plural == "clusters" && CompleteCluster(object)) {
    Rewrite(info.schema, object);
    ApplyDefaults(info.schema, object);
  }
  return absl::OkStatus();
}

Json Untouched(const ResourceInfo& info) {
  Json object = Json::object();
  if (!info.custom) return object;
  object["metadata"] = Json::object();
  object["spec"] = Json::object();
  DefaultObject(info, object);
  MutateObject(info, object).IgnoreError();  // there is nothing to misread
  return object;
}

absl::Status CheckObject(const ResourceInfo& info, const Json& object,
                         const Json* before, absl::string_view subresource) {
  Causes causes;
  CheckMetadata(info, object, causes);
  if (before != nullptr) {
    CheckImmutableMetadata(object, *before, causes);
    CheckFinalizers(object, *before, causes);
  }
  if (info.custom) {
    for (FieldCause& cause :
         CheckShape(info, object, before, subresource == "status")) {
      causes.push_back(std::move(cause));
    }
    if (std::any_of(causes.begin(), causes.end(), PreventsRules)) {
      causes.push_back(RulesNotChecked());
    } else {
      CheckRules(info, object, before, causes);
    }
  } else {
    for (FieldCause& cause : Validate(info.schema, object, nullptr)) {
      causes.push_back(std::move(cause));
    }
    if (causes.empty() && info.type.plural == "secrets") {
      CheckSecret(object, before, causes);
    }
  }
  if (!causes.empty()) {
    return InvalidObject(info.type.group, info.kind, NameOf(object), causes);
  }
  if (!subresource.empty()) return absl::OkStatus();
  if (info.type.plural == "databases") return CheckDatabase(object);
  if (info.type.plural == "clusters") return CheckCluster(object, before);
  return absl::OkStatus();
}

}  // namespace howdah::local

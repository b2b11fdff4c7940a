#include "backend/local/api/admission.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/cluster_rules.h"
#include "backend/local/api/go_types.h"
#include "backend/local/api/names.h"
#include "backend/local/api/schema.h"
#include "backend/local/store/object_rules.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

using Causes = std::vector<FieldCause>;

const Json& Spec(const Json& object) {
  static const Json& none = *new Json(Json::object());
  auto found = object.find("spec");
  return found == object.end() ? none : *found;
}

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

// CEL rules of the form `self == oldSelf`.
void CheckUnchanged(const Json& now, const Json* before, const char* field,
                    const std::string& message, Causes& causes) {
  if (before == nullptr) return;
  const Json& old = Spec(*before);
  // Transition rules are not evaluated when a field comes or goes.
  if (!old.contains(field) || !now.contains(field)) return;
  if (old.at(field) != now.at(field)) {
    causes.push_back(
        InvalidValue(absl::StrCat("spec.", field), now.at(field), message));
  }
}

void CheckLocaleRules(const Json& holder, const std::string& path,
                      Causes& causes) {
  std::string provider = holder.value("localeProvider", "");
  auto needs = [&](const char* field, const char* wanted) {
    if (holder.contains(field) && provider != wanted) {
      causes.push_back(InvalidValue(
          path, holder,
          absl::StrCat(field,
                       " is only available when localeProvider is set "
                       "to `",
                       wanted, "`")));
    }
  };
  needs("builtinLocale", "builtin");
  needs("icuLocale", "icu");
  needs("icuRules", "icu");
}

void CheckDatabase(const Json& object, const Json* before, Causes& causes) {
  const Json& spec = Spec(object);
  CheckUnchanged(spec, before, "cluster",
                 "cluster reference is immutable after creation", causes);
  for (const char* field :
       {"name", "builtinLocale", "collationVersion", "encoding", "icuLocale",
        "icuRules", "locale", "localeCType", "localeCollate", "localeProvider",
        "template"}) {
    CheckUnchanged(spec, before, field, absl::StrCat(field, " is immutable"),
                   causes);
  }
  std::string name = spec.value("name", "");
  for (const char* reserved : {"postgres", "template0", "template1"}) {
    if (name == reserved) {
      causes.push_back(InvalidValue(
          "spec.name", name, absl::StrCat("the name ", name, " is reserved")));
    }
  }
  CheckLocaleRules(spec, "spec", causes);
}

void CheckDatabaseRole(const Json& object, const Json* before, Causes& causes) {
  const Json& spec = Spec(object);
  std::string name = spec.value("name", "");
  auto refuse = [&](bool wrong, const std::string& message) {
    if (wrong) causes.push_back(InvalidValue("spec", spec, message));
  };
  refuse(before != nullptr && Spec(*before).value("name", "") != name,
         "name is immutable");
  refuse(spec.value("ensure", "") == "absent",
         "ensure: absent is not supported for DatabaseRole; delete the "
         "resource with databaseRoleReclaimPolicy: delete instead");
  for (const char* reserved : {"postgres", "streaming_replica"}) {
    refuse(name == reserved,
           absl::StrCat("the role name ", name, " is reserved"));
  }
  refuse(absl::StartsWith(name, "pg_"),
         "role names starting with pg_ are reserved by PostgreSQL");
  refuse(absl::StartsWith(name, "cnpg_"),
         "role names starting with cnpg_ are reserved by the operator");
  refuse(name.empty(), "role name must not be empty");
  refuse(
      spec.contains("passwordSecret") && spec.value("disablePassword", false),
      "passwordSecret and disablePassword are mutually exclusive");
  CheckUnchanged(spec, before, "cluster",
                 "cluster reference is immutable after creation", causes);
}

// What the subresource `scale` asks of the field that it stands for.
void CheckScale(const Json& spec, Causes& causes) {
  const auto found = spec.find("instances");
  if (found == spec.end() || !found->is_number_integer()) return;
  if (found->get<int64_t>() < 0) {
    causes.push_back(InvalidValue(".spec.instances", *found,
                                  "should be a non-negative integer"));
  }
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

// What does not even fit into the Go types of the operator's webhook.
absl::Status CheckDecoding(const ResourceInfo& info, const Causes& shape) {
  if (info.type.plural != "clusters" && info.type.plural != "databases") {
    return absl::OkStatus();
  }
  for (const FieldCause& cause : shape) {
    if (!absl::StrContains(cause.message, " must be of type ")) continue;
    return ApiError(
        400, "",
        absl::StrCat("admission webhook \"m",
                     absl::StripSuffix(info.type.plural, "s"),
                     ".cnpg.io\" denied the request: json: cannot unmarshal "
                     "into Go struct field ",
                     info.kind, "Spec.", cause.field, ": ", cause.message));
  }
  return absl::OkStatus();
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

void CompleteSecret(Json& object) {
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

absl::StatusOr<double> ParseQuantity(absl::string_view text) {
  static constexpr struct {
    absl::string_view suffix;
    double factor;
  } kSuffixes[] = {{"Ki", 1024.0},
                   {"Mi", 1048576.0},
                   {"Gi", 1073741824.0},
                   {"Ti", 1099511627776.0},
                   {"Pi", 1125899906842624.0},
                   {"Ei", 1152921504606846976.0},
                   {"m", 1e-3},
                   {"k", 1e3},
                   {"M", 1e6},
                   {"G", 1e9},
                   {"T", 1e12},
                   {"P", 1e15},
                   {"E", 1e18}};
  double factor = 1;
  for (const auto& [suffix, value] : kSuffixes) {
    if (absl::ConsumeSuffix(&text, suffix)) {
      factor = value;
      break;
    }
  }
  double number = 0;
  if (text.empty() ||
      text.find_first_not_of("0123456789.eE+-") != absl::string_view::npos ||
      !absl::SimpleAtod(text, &number)) {
    return absl::InvalidArgumentError(
        "quantities must match the regular expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }
  return number * factor;
}

FieldCause RulesNotChecked() {
  return {"FieldValueInvalid",
          "Invalid value: null: some validation rules were not checked because "
          "the object was invalid; correct the existing errors to complete "
          "validation",
          "<nil>"};
}

std::string DecodeObject(const ResourceInfo& info, Json& object) {
  std::string misfit = Decode(ObjectMetaType(), object["metadata"]);
  if (misfit.empty() && !info.custom) misfit = Decode(info.schema, object);
  return misfit;
}

void CompleteObject(const ResourceInfo& info, Json& object) {
  object["apiVersion"] = info.ApiVersion();
  object["kind"] = info.kind;
  if (info.type.plural == "secrets") CompleteSecret(object);
  if (info.type.plural == "namespaces") {
    object["metadata"]["labels"]["kubernetes.io/metadata.name"] =
        NameOf(object);
    if (!IsTerminating(object)) {
      object["spec"]["finalizers"] = {"kubernetes"};
      object["status"]["phase"] = "Active";
    }
  }
  if (info.type.plural == "clusters") CompleteCluster(object);
  ApplyDefaults(info.schema, object);
}

absl::Status CheckObject(const ResourceInfo& info, const Json& object,
                         const Json* before) {
  Causes causes;
  CheckMetadata(info, object, causes);
  if (before != nullptr) {
    CheckImmutableMetadata(object, *before, causes);
    CheckFinalizers(object, *before, causes);
  }
  Causes shape = Validate(info.schema, object);
  RETURN_IF_ERROR(CheckDecoding(info, shape));
  bool rules_skipped =
      info.custom && std::any_of(shape.begin(), shape.end(), PreventsRules);
  for (FieldCause& cause : shape) causes.push_back(std::move(cause));
  if (info.type.plural == "clusters") CheckScale(Spec(object), causes);
  if (rules_skipped) causes.push_back(RulesNotChecked());
  std::string name = NameOf(object);
  // CEL and webhooks see only what has the right shape.
  if (causes.empty()) {
    if (info.type.plural == "databases") CheckDatabase(object, before, causes);
    if (info.type.plural == "databaseroles") {
      CheckDatabaseRole(object, before, causes);
    }
    if (info.type.plural == "secrets") CheckSecret(object, before, causes);
    if (info.type.plural == "clusters") {
      CheckLocaleRules(
          Spec(object).value(Json::json_pointer("/bootstrap/initdb"),
                             Json::object()),
          "spec.bootstrap.initdb", causes);
    }
  }
  if (!causes.empty()) {
    return InvalidObject(info.type.group, info.kind, name, causes);
  }
  if (info.type.plural == "clusters") return CheckCluster(object, before);
  return absl::OkStatus();
}

}  // namespace howdah::local

#include "tests/support/fake_admission.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::testing {
namespace {

using Json = nlohmann::json;

absl::Status Invalid(absl::string_view message) {
  return support::ErrorBuilder(absl::StatusCode::kInvalidArgument,
                               "INVALID_OBJECT", "kubernetes.howdah")
      .Message(message)
      .Build();
}

bool IsSubdomain(absl::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  for (absl::string_view label : absl::StrSplit(name, '.')) {
    if (label.empty() || label.front() == '-' || label.back() == '-') {
      return false;
    }
    for (char c : label) {
      if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '-') {
        return false;
      }
    }
  }
  return true;
}

bool IsLabelValue(absl::string_view value) {
  if (value.empty()) return true;
  if (value.size() > 63 || !absl::ascii_isalnum(value.front()) ||
      !absl::ascii_isalnum(value.back())) {
    return false;
  }
  for (char c : value) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_' && c != '.') {
      return false;
    }
  }
  return true;
}

absl::Status CheckRoleNames(const Json& roles) {
  std::set<std::string> names;
  for (const Json& role : roles) {
    std::string name = role.value("name", "");
    if (name.empty()) return Invalid("spec.managed.roles: name is required");
    if (!names.insert(name).second) {
      return Invalid(absl::StrCat("Role name is duplicate of another: ", name));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckAdmission(const std::string& plural, const Json& object) {
  if (!object.contains("apiVersion") || !object.contains("kind") ||
      !object.contains("metadata")) {
    return Invalid("apiVersion, kind and metadata are required");
  }
  const Json& metadata = object.at("metadata");
  if (!IsSubdomain(metadata.value("name", ""))) {
    return Invalid(absl::StrCat("metadata.name: ", metadata.value("name", ""),
                                " is no DNS-1123 subdomain"));
  }
  const Json labels = metadata.value("labels", Json::object());
  for (const auto& [key, value] : labels.items()) {
    if (!value.is_string() || !IsLabelValue(value.get<std::string>())) {
      return Invalid(absl::StrCat("metadata.labels: ", key));
    }
  }
  const Json annotations = metadata.value("annotations", Json::object());
  for (const auto& [key, value] : annotations.items()) {
    if (!value.is_string()) {
      return Invalid(absl::StrCat("metadata.annotations: ", key));
    }
  }
  const Json data = object.value("data", Json::object());
  for (const auto& [key, value] : data.items()) {
    std::string ignored;
    if (!value.is_string() ||
        !absl::Base64Unescape(value.get<std::string>(), &ignored)) {
      return Invalid(absl::StrCat("data.", key, ": is no base64"));
    }
  }
  if (plural == "clusters") {
    int instances = object.value(Json::json_pointer("/spec/instances"), 1);
    if (instances < 1) return Invalid("spec.instances: must be at least 1");
    RETURN_IF_ERROR(CheckRoleNames(object.value(
        Json::json_pointer("/spec/managed/roles"), Json::array())));
  }
  if (plural == "databaseroles" &&
      object.value(Json::json_pointer("/spec/passwordSecret"), Json())
          .is_object() &&
      object.value(Json::json_pointer("/spec/disablePassword"), false)) {
    return Invalid("passwordSecret and disablePassword are mutually exclusive");
  }
  return absl::OkStatus();
}

}  // namespace howdah::testing

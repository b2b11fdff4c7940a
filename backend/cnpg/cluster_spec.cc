#include "backend/cnpg/cluster_spec.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "backend/cnpg/object_meta.h"
#include "nlohmann/json.hpp"

namespace howdah::cnpg {
namespace {

using Json = nlohmann::json;

bool IsPlain(absl::string_view text) {
  if (text.empty() || !absl::ascii_isalpha(text.front())) return false;
  for (char c : text) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_' && c != '.' &&
        c != '/') {
      return false;
    }
  }
  for (absl::string_view word :
       {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}) {
    if (absl::AsciiStrToLower(text) == word) return false;
  }
  return true;
}

// A JSON string is a valid double-quoted YAML scalar.
std::string Quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Scalar(const Json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    return IsPlain(text) ? text : Quoted(text);
  }
  return value.dump();
}

std::string Key(const std::string& key) {
  return IsPlain(key) ? key : Quoted(key);
}

void Append(const Json& value, size_t indent, std::string& out);

void AppendObject(const Json& object, size_t indent, bool first_inline,
                  std::string& out) {
  bool first = first_inline;
  for (const auto& [key, member] : object.items()) {
    if (!first) out.append(indent, ' ');
    first = false;
    absl::StrAppend(&out, Key(key), ":");
    bool nested = member.is_structured() && !member.empty();
    if (nested) {
      out += '\n';
      // A list inside a mapping is not indented further, as kubectl writes it.
      Append(member, member.is_array() ? indent : indent + 2, out);
    } else {
      absl::StrAppend(&out, " ", Scalar(member), "\n");
    }
  }
}

void Append(const Json& value, size_t indent, std::string& out) {
  if (value.is_object()) {
    AppendObject(value, indent, /*first_inline=*/false, out);
    return;
  }
  for (const Json& item : value) {
    out.append(indent, ' ');
    out += "- ";
    if (item.is_object() && !item.empty()) {
      AppendObject(item, indent + 2, /*first_inline=*/true, out);
    } else if (item.is_array() && !item.empty()) {
      absl::StrAppend(&out, item.dump(), "\n");
    } else {
      absl::StrAppend(&out, Scalar(item), "\n");
    }
  }
}

}  // namespace

Json ClusterManifest(const ClusterSpec& spec) {
  Json storage = {{"size", spec.storage_size}};
  if (!spec.storage_class.empty()) {
    storage["storageClass"] = spec.storage_class;
  }
  Json manifest = {
      {"apiVersion", std::string(kApiVersion)},
      {"kind", "Cluster"},
      {"metadata",
       {{"name", spec.name},
        {"namespace", spec.namespace_name},
        {"labels",
         {{std::string(kManagedByLabel), std::string(kManagedByValue)}}}}},
      {"spec",
       {{"instances", spec.instances},
        {"imageName",
         absl::StrCat(kImageRepository, ":", spec.postgres_version)},
        {"storage", std::move(storage)},
        {"bootstrap", {{"initdb", {{"database", "app"}, {"owner", "app"}}}}}}},
  };
  AnnotateRequest(manifest, spec.request_id, spec.request_digest);
  return manifest;
}

void AnnotateRequest(Json& object, absl::string_view request_id,
                     absl::string_view request_digest) {
  if (request_id.empty()) return;
  Json& annotations = object["metadata"]["annotations"];
  annotations[std::string(kRequestIdAnnotation)] = std::string(request_id);
  if (!request_digest.empty()) {
    annotations[std::string(kRequestDigestAnnotation)] =
        std::string(request_digest);
  }
}

std::string ToYaml(const Json& value) {
  if (!value.is_structured() || value.empty()) {
    return absl::StrCat(Scalar(value), "\n");
  }
  std::string out;
  Append(value, 0, out);
  return out;
}

}  // namespace howdah::cnpg

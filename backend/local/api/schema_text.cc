#include "backend/local/api/schema_text.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace howdah::local {
namespace {

Json Expand(const Json& sources, const Json& source);

// `kind` is what stands between the brackets.
Json ListOf(absl::string_view kind, Json items) {
  Json list = {{"type", "array"}, {"items", std::move(items)}};
  if (absl::ConsumePrefix(&kind, "by ")) {
    const std::vector<std::string> keys = absl::StrSplit(kind, ',');
    list["x-kubernetes-list-type"] = "map";
    list["x-kubernetes-list-map-keys"] = keys;
  } else if (!kind.empty()) {
    list["x-kubernetes-list-type"] = std::string(kind);
  }
  return list;
}

Json Named(const Json& sources, absl::string_view name) {
  if (absl::ConsumeSuffix(&name, "{}")) {
    return {{"type", "object"}, {"additionalProperties", Named(sources, name)}};
  }
  if (absl::ConsumeSuffix(&name, "]")) {
    const size_t bracket = name.rfind('[');
    return ListOf(name.substr(bracket + 1),
                  Named(sources, name.substr(0, bracket)));
  }
  const auto found = sources.find(std::string(name));
  return found == sources.end() ? Json() : Expand(sources, *found);
}

void AddFields(const Json& sources, const Json& fields, Json& schema) {
  schema["type"] = "object";
  Json& properties = schema["properties"] = Json::object();
  for (const auto& [text, source] : fields.items()) {
    absl::string_view name = text;
    const bool unsupported = absl::ConsumeSuffix(&name, "~");
    const bool written = absl::ConsumeSuffix(&name, "+");
    if (absl::ConsumeSuffix(&name, "!")) schema["required"].push_back(name);
    Json& field = properties[std::string(name)] = Expand(sources, source);
    if (unsupported) field["x-unsupported"] = true;
    if (written) field["x-written"] = true;
  }
}

Json Expand(const Json& sources, const Json& source) {
  if (source.is_string()) {
    return Named(sources, source.get_ref<const std::string&>());
  }
  Json schema = Json::object();
  if (const auto base = source.find("is"); base != source.end()) {
    schema = Expand(sources, *base);
  }
  for (const auto& [key, value] : source.items()) {
    absl::string_view kind = key;
    if (key == "is") continue;
    if (key == "fields") {
      AddFields(sources, value, schema);
    } else if (key == "additionalProperties") {
      schema["type"] = "object";
      schema[key] = Expand(sources, value);
    } else if (absl::ConsumePrefix(&kind, "items")) {
      absl::ConsumePrefix(&kind, "[");
      absl::ConsumeSuffix(&kind, "]");
      schema.update(ListOf(kind, Expand(sources, value)));
    } else {
      schema[key] = value;
    }
  }
  return schema;
}

}  // namespace

Json SchemaSources() {
  Json sources = Json::object();
  for (const absl::string_view text : SchemaTexts()) {
    sources.update(Json::parse(text, nullptr, /*allow_exceptions=*/false));
  }
  return sources;
}

Json SchemaOf(const Json& sources, absl::string_view name) {
  return Named(sources, name);
}

}  // namespace howdah::local

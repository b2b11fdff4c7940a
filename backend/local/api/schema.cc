#include "backend/local/api/schema.h"

#include "absl/strings/str_cat.h"

namespace howdah::local {
namespace {

std::string Join(const std::string& path, const std::string& field) {
  return path.empty() ? field : absl::StrCat(path, ".", field);
}

bool IsTrue(const Json& schema, const char* key) {
  return PartOf(schema, key) == true;
}

// Whether it asks for something that this plane does not do; `held` is what it
// has already.
bool AsksInVain(const Json& schema, const Json& value, const Json& held) {
  if (!IsTrue(schema, "x-unsupported") || value.is_null() || value == held) {
    return false;
  }
  const auto standard = schema.find("default");
  return standard == schema.end() ? !value.empty() : value != *standard;
}

// Collects into `pruned`; within what is unsupported only unknown fields.
void PruneAt(const Json& schema, const std::string& path, bool supported,
             const Json& held, Json& value, Pruned& pruned) {
  static const auto& none = *new Json();
  if (IsTrue(schema, "x-kubernetes-preserve-unknown-fields")) return;
  if (value.is_array()) {
    const Json& items = PartOf(schema, "items");
    for (size_t i = 0; i < value.size(); ++i) {
      PruneAt(items, absl::StrCat(path, "[", i, "]"), supported, none, value[i],
              pruned);
    }
    return;
  }
  if (!value.is_object()) return;
  for (auto it = value.begin(); it != value.end();) {
    const std::string& field = it.key();
    if (path.empty() &&
        (field == "apiVersion" || field == "kind" || field == "metadata")) {
      ++it;
      continue;
    }
    const std::string place = Join(path, field);
    const Json* known = SchemaOfField(schema, field);
    if (known == nullptr) {
      pruned.unknown.push_back(place);
      it = value.erase(it);
      continue;
    }
    const auto old = held.find(field);
    const Json& held_part = old == held.end() ? none : *old;
    if (supported && AsksInVain(*known, *it, held_part)) {
      pruned.unsupported.push_back(place);
    }
    PruneAt(*known, place, supported && !IsTrue(*known, "x-unsupported"),
            held_part, *it, pruned);
    ++it;
  }
}

}  // namespace

const Json& PartOf(const Json& object, const char* key) {
  static const auto* const kNothing = new Json(Json::object());
  const auto found = object.find(key);
  return found == object.end() ? *kNothing : *found;
}

const Json* SchemaOfField(const Json& schema, const std::string& field) {
  const Json& properties = PartOf(schema, "properties");
  if (const auto found = properties.find(field); found != properties.end()) {
    return &*found;
  }
  const auto others = schema.find("additionalProperties");
  return others == schema.end() ? nullptr : &*others;
}

Pruned Prune(const Json& schema, Json& value, const Json& held) {
  Pruned pruned;
  PruneAt(schema, "", /*supported=*/true, held, value, pruned);
  return pruned;
}

void DropNulls(const Json& schema, Json& value) {
  if (value.is_array()) {
    for (Json& one : value) DropNulls(PartOf(schema, "items"), one);
  }
  if (!value.is_object()) return;
  for (auto it = value.begin(); it != value.end();) {
    const Json* known = SchemaOfField(schema, it.key());
    if (known != nullptr && it->is_null() && !known->contains("default")) {
      it = value.erase(it);
      continue;
    }
    if (known != nullptr) DropNulls(*known, *it);
    ++it;
  }
}

void ApplyDefaults(const Json& schema, Json& value) {
  if (value.is_array()) {
    for (Json& one : value) ApplyDefaults(PartOf(schema, "items"), one);
  }
  if (!value.is_object()) return;
  for (const auto& [field, known] : PartOf(schema, "properties").items()) {
    const auto standard = known.find("default");
    if (standard == known.end()) continue;
    const auto found = value.find(field);
    if (found == value.end() || found->is_null()) value[field] = *standard;
  }
  for (auto& [field, one] : value.items()) {
    const Json* known = SchemaOfField(schema, field);
    if (known != nullptr) ApplyDefaults(*known, one);
  }
}

}  // namespace howdah::local

#include "backend/local/fields/typed_object.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace howdah::local {
namespace {

const Json& None() {
  static const auto* const kNone = new Json(Json::object());
  return *kNone;
}

const Json& Part(const Json& schema, const char* name) {
  const auto found = schema.find(name);
  return found == schema.end() ? None() : *found;
}

enum class Shape { kScalar, kList, kMap };

// By the schema, and where that leaves it open by the value.
Shape ShapeOf(const Json& schema, const Json* value) {
  const std::string type = schema.value("type", "");
  if (type == "object") return Shape::kMap;
  if (type == "array") return Shape::kList;
  if (!type.empty() || value == nullptr ||
      schema.value("x-kubernetes-int-or-string", false)) {
    return Shape::kScalar;
  }
  if (value->is_object()) return Shape::kMap;
  return value->is_array() ? Shape::kList : Shape::kScalar;
}

bool IsAtomic(const Json& schema, Shape shape) {
  if (shape == Shape::kScalar) return true;
  if (shape == Shape::kMap) {
    return schema.value("x-kubernetes-map-type", "") == "atomic";
  }
  const std::string type = schema.value("x-kubernetes-list-type", "atomic");
  return type != "set" && type != "map";
}

bool IsEmpty(const Json* value) {
  return value == nullptr || value->is_null() || value->empty();
}

// Null if the field is none of the struct's.
const Json* StructField(const Json& schema, const std::string& name) {
  const Json& fields = Part(schema, "properties");
  const auto found = fields.find(name);
  return found == fields.end() ? nullptr : &*found;
}

const Json& FieldSchema(const Json& schema, const std::string& name) {
  const Json* field = StructField(schema, name);
  if (field != nullptr) return *field;
  const Json& others = Part(schema, "additionalProperties");
  return others.is_object() ? others : None();
}

std::string FieldElement(const std::string& name) {
  return absl::StrCat("f:", name);
}

// How an element of a list that is not atomic is called; empty if a key is
// missing.
std::string ItemElement(const Json& list, const Json& item) {
  if (list.value("x-kubernetes-list-type", "") == "set") {
    return absl::StrCat("v:", item.dump());
  }
  Json keys = Json::object();
  for (const Json& one : Part(list, "x-kubernetes-list-map-keys")) {
    const auto key = one.get<std::string>();
    if (item.is_object() && item.contains(key)) {
      keys[key] = item[key];
      continue;
    }
    const Json& standard =
        Part(FieldSchema(Part(list, "items"), key), "default");
    if (&standard == &None()) return "";
    keys[key] = standard;
  }
  return absl::StrCat("k:", keys.dump());
}

// The elements of a list by their names, in their order; null for what is there
// more than once.
struct Items {
  std::vector<std::string> order;
  std::map<std::string, const Json*> by_name;

  Items(const Json& schema, const Json* list) {
    if (list == nullptr || !list->is_array()) return;
    for (const Json& item : *list) {
      order.push_back(ItemElement(schema, item));
      const auto [at, is_new] = by_name.emplace(order.back(), &item);
      if (!is_new) at->second = nullptr;
    }
  }

  bool Has(const std::string& name) const { return by_name.contains(name); }
  const Json* Get(const std::string& name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
  }
};

const Json* Member(const Json* map, const std::string& name) {
  if (map == nullptr || !map->is_object()) return nullptr;
  const auto found = map->find(name);
  return found == map->end() ? nullptr : &*found;
}

std::set<std::string> Names(const Json* left, const Json* right) {
  std::set<std::string> names;
  for (const Json* map : {left, right}) {
    if (map == nullptr || !map->is_object()) continue;
    for (const auto& [name, value] : map->items()) names.insert(name);
  }
  return names;
}

void CollectFields(const Json& schema, const Json& value, FieldPath& path,
                   FieldSet& set) {
  const Shape shape = ShapeOf(schema, &value);
  if (IsAtomic(schema, shape)) {
    set.Insert(path);
  } else if (shape == Shape::kList && value.is_array()) {
    for (const Json& item : value) {
      path.push_back(ItemElement(schema, item));
      CollectFields(Part(schema, "items"), item, path, set);
      set.Insert(path);
      path.pop_back();
    }
  } else if (shape == Shape::kMap && value.is_object()) {
    for (const auto& [name, child] : value.items()) {
      path.push_back(FieldElement(name));
      CollectFields(FieldSchema(schema, name), child, path, set);
      const bool hollow =
          child.is_null() || (child.is_object() && child.empty());
      if (hollow || StructField(schema, name) == nullptr) set.Insert(path);
      path.pop_back();
    }
  }
}

class Comparison {
 public:
  TypedDifference difference;

  // At least one of them is there.
  void At(const Json& schema, const Json* before, const Json* after) {
    const Json* const value =
        after == nullptr || after->is_null() ? before : after;
    const Shape shape = ShapeOf(schema, value);
    const bool both_differ = !IsEmpty(before) && !IsEmpty(after) &&
                             ShapeOf(schema, before) != ShapeOf(schema, after);
    if (IsAtomic(schema, shape) || (IsEmpty(before) && IsEmpty(after)) ||
        both_differ) {
      Leaf(before, after);
      return;
    }
    if (shape == Shape::kList) {
      List(schema, before, after);
    } else {
      for (const std::string& name : Names(before, after)) {
        path_.push_back(FieldElement(name));
        At(FieldSchema(schema, name), Member(before, name),
           Member(after, name));
        path_.pop_back();
      }
    }
    if (before == nullptr) difference.added.Insert(path_);
    if (after == nullptr) difference.removed.Insert(path_);
  }

 private:
  void Leaf(const Json* before, const Json* after) {
    if (before == nullptr) {
      difference.added.Insert(path_);
    } else if (after == nullptr) {
      difference.removed.Insert(path_);
    } else if (*before != *after) {
      difference.modified.Insert(path_);
    }
  }

  void List(const Json& schema, const Json* before, const Json* after) {
    const Items old(schema, before);
    const Items now(schema, after);
    std::set<std::string> names(old.order.begin(), old.order.end());
    names.insert(now.order.begin(), now.order.end());
    for (const std::string& name : names) {
      path_.push_back(name);
      const Json* const left = old.Get(name);
      const Json* const right = now.Get(name);
      const bool twice = (old.Has(name) && left == nullptr) ||
                         (now.Has(name) && right == nullptr);
      if (!twice) {
        At(Part(schema, "items"), left, right);
      } else if (!old.Has(name)) {
        difference.added.Insert(path_);
      } else if (!now.Has(name)) {
        difference.removed.Insert(path_);
      } else if (left != nullptr || right != nullptr) {
        difference.modified.Insert(path_);
      }
      path_.pop_back();
    }
  }

  FieldPath path_;
};

// In the words of the upstream library; empty if the type fits.
std::string Misfit(const Json& schema, const Json& value) {
  const std::string type = schema.value("type", "");
  if (value.is_null() || type.empty()) return "";
  const bool numeric = type == "integer" || type == "number";
  if (numeric ? value.is_number() : type == value.type_name()) return "";
  const char* const wanted = numeric            ? "numeric (int or float)"
                             : type == "object" ? "map"
                             : type == "array"  ? "list"
                                                : type.c_str();
  return absl::StrCat("expected ", wanted, ", got ", value.dump());
}

void CheckAt(const Json& schema, const Json& value, FieldPath& path,
             std::vector<std::string>& wrong) {
  const std::string misfit = Misfit(schema, value);
  if (!misfit.empty()) {
    wrong.push_back(absl::StrCat(FieldPathText(path), ": ", misfit));
    return;
  }
  const Shape shape = ShapeOf(schema, &value);
  if (shape == Shape::kList && value.is_array()) {
    const bool atomic = IsAtomic(schema, shape);
    std::set<std::string> seen;
    for (size_t i = 0; i < value.size(); ++i) {
      const std::string name =
          atomic ? absl::StrCat("i:", i) : ItemElement(schema, value[i]);
      path.push_back(absl::StrCat("i:", i));
      if (name.empty()) {
        wrong.push_back(absl::StrCat(
            FieldPathText(path),
            ": associative list with keys has an element that omits key field "
            "and doesn't have default value: ",
            Part(schema, "x-kubernetes-list-map-keys").dump()));
      } else {
        path.back() = name;
        CheckAt(Part(schema, "items"), value[i], path, wrong);
      }
      path.pop_back();
      if (!name.empty() && !seen.insert(name).second) {
        wrong.push_back(absl::StrCat(FieldPathText(path),
                                     ": duplicate entries for key ",
                                     FieldPathText({name})));
      }
    }
  } else if (shape == Shape::kMap && value.is_object()) {
    const bool is_open =
        !Part(schema, "additionalProperties").empty() ||
        Part(schema, "properties").empty() ||
        schema.contains("x-kubernetes-preserve-unknown-fields");
    for (const auto& [name, child] : value.items()) {
      path.push_back(FieldElement(name));
      if (!is_open && StructField(schema, name) == nullptr) {
        wrong.push_back(absl::StrCat(FieldPathText(path),
                                     ": field not declared in schema"));
      } else {
        CheckAt(FieldSchema(schema, name), child, path, wrong);
      }
      path.pop_back();
    }
  }
}

std::optional<Json> Merge(const Json& schema, const Json* live,
                          const Json* wanted);

// The order is that of `wanted`; what only `live` has stays where it was
// between what both have.
class ListMerge {
 public:
  ListMerge(const Json& schema, const Json* live, const Json* wanted)
      : schema_(schema),
        live_(live),
        left_(schema, live),
        right_(schema, wanted) {
    for (const std::string& name : right_.order) {
      if (left_.Has(name)) shared_.push_back(name);
    }
  }

  std::optional<Json> Run() {
    size_t l = 0;
    size_t r = 0;
    while (l < left_.order.size() || r < right_.order.size()) {
      const bool more_left = l < left_.order.size();
      if (more_left && r < right_.order.size()) {
        const std::string& name = left_.order[l];
        if (name == right_.order[r]) {
          Take(name);
          ++l;
          ++r;
          ++next_shared_;
          continue;
        }
        // Of both, but not the one whose turn it is.
        if (right_.Has(name) && next_shared_ < shared_.size() &&
            shared_[next_shared_] != name) {
          ++l;
          continue;
        }
      }
      if (more_left) {
        const std::string& name = left_.order[l];
        if (!right_.Has(name)) {
          Add(Merge(Part(schema_, "items"), &(*live_)[l], nullptr));
          ++l;
          continue;
        }
        if (taken_.contains(name)) ++l;
      }
      if (r < right_.order.size()) {
        const std::string name = right_.order[r++];
        Take(name);
        if (next_shared_ < shared_.size() && shared_[next_shared_] == name) {
          ++next_shared_;
        }
      }
    }
    if (merged_.empty()) return std::nullopt;
    return std::move(merged_);
  }

 private:
  void Take(const std::string& name) {
    taken_.insert(name);
    Add(Merge(Part(schema_, "items"), left_.Get(name), right_.Get(name)));
  }
  void Add(std::optional<Json> item) {
    if (item) merged_.push_back(*std::move(item));
  }

  const Json& schema_;
  const Json* const live_;
  const Items left_;
  const Items right_;
  std::vector<std::string> shared_;
  size_t next_shared_ = 0;
  std::set<std::string> taken_;
  Json merged_ = Json::array();
};

std::optional<Json> Merge(const Json& schema, const Json* live,
                          const Json* wanted) {
  if (live == nullptr && wanted == nullptr) return std::nullopt;
  const Json* const value =
      wanted == nullptr || wanted->is_null() ? live : wanted;
  const Shape shape = ShapeOf(schema, value);
  const bool both_differ = !IsEmpty(live) && !IsEmpty(wanted) &&
                           ShapeOf(schema, live) != ShapeOf(schema, wanted);
  if (IsAtomic(schema, shape) || (IsEmpty(live) && IsEmpty(wanted)) ||
      both_differ) {
    return wanted == nullptr ? *live : *wanted;
  }
  if (shape == Shape::kList) return ListMerge(schema, live, wanted).Run();
  Json merged = Json::object();
  for (const std::string& name : Names(live, wanted)) {
    std::optional<Json> child = Merge(FieldSchema(schema, name),
                                      Member(live, name), Member(wanted, name));
    if (child) merged[name] = *std::move(child);
  }
  if (merged.empty()) return std::nullopt;
  return merged;
}

}  // namespace

FieldSet FieldsOf(const Json& schema, const Json& value) {
  FieldSet set;
  FieldPath path;
  CollectFields(schema, value, path, set);
  return set;
}

TypedDifference CompareTyped(const Json& schema, const Json& before,
                             const Json& after) {
  Comparison comparison;
  comparison.At(schema, &before, &after);
  return std::move(comparison.difference);
}

absl::Status CheckTyped(const Json& schema, const Json& value) {
  std::vector<std::string> wrong;
  FieldPath path;
  CheckAt(schema, value, path, wrong);
  if (wrong.empty()) return absl::OkStatus();
  if (wrong.size() == 1) return absl::InvalidArgumentError(wrong[0]);
  return absl::InvalidArgumentError(
      absl::StrCat("errors:\n  ", absl::StrJoin(wrong, "\n  ")));
}

Json MergeTyped(const Json& schema, const Json& live, const Json& wanted) {
  return Merge(schema, &live, &wanted).value_or(Json::object());
}

Json RemoveFields(const Json& schema, const Json& value, const FieldSet& gone) {
  const Shape shape = ShapeOf(schema, &value);
  if (shape == Shape::kScalar) return value;
  if (IsEmpty(&value) || IsAtomic(schema, shape)) return Json();
  Json kept;
  if (shape == Shape::kList) {
    for (const Json& item : value) {
      const std::string name = ItemElement(schema, item);
      const FieldSet* below = gone.Below(name);
      if (below != nullptr && below->member()) continue;
      kept.push_back(below == nullptr
                         ? item
                         : RemoveFields(Part(schema, "items"), item, *below));
    }
    return kept;
  }
  for (const auto& [name, child] : value.items()) {
    const FieldSet* below = gone.Below(FieldElement(name));
    if (below != nullptr && below->member()) continue;
    kept[name] = below == nullptr
                     ? child
                     : RemoveFields(FieldSchema(schema, name), child, *below);
  }
  return kept;
}

FieldSet WithNamedFields(const Json& schema, const FieldSet& set) {
  FieldSet result = set;
  for (auto& [element, below] : result.children()) {
    const bool is_field = element.starts_with("f:");
    const std::string name = element.substr(2);
    const Json& child =
        is_field ? FieldSchema(schema, name) : Part(schema, "items");
    below = WithNamedFields(child, below);
    if (is_field && StructField(schema, name) != nullptr &&
        !below.children().empty()) {
      below.set_member();
    }
  }
  return result;
}

}  // namespace howdah::local

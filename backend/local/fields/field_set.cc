#include "backend/local/fields/field_set.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace howdah::local {
namespace {

void Collect(const FieldSet& set, FieldPath& path,
             std::vector<FieldPath>& paths) {
  if (set.member()) paths.push_back(path);
  for (const auto& [element, below] : set.children()) {
    path.push_back(element);
    Collect(below, path, paths);
    path.pop_back();
  }
}

// Puts `child` under `element`, if there is anything in it.
void Keep(FieldSet& set, const std::string& element, FieldSet child) {
  if (!child.empty()) set.children().emplace(element, std::move(child));
}

std::string KeysText(const Json& keys) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : keys.items()) {
    parts.push_back(absl::StrCat(name, "=", value.dump()));
  }
  return absl::StrJoin(parts, ",");
}

}  // namespace

std::string FieldPathText(const FieldPath& path) {
  std::string text;
  for (const std::string& element : path) {
    const std::string rest = element.substr(2);
    if (absl::StartsWith(element, "f:")) {
      absl::StrAppend(&text, ".", rest);
    } else if (absl::StartsWith(element, "k:")) {
      absl::StrAppend(&text, "[", KeysText(Json::parse(rest, nullptr, false)),
                      "]");
    } else if (absl::StartsWith(element, "v:")) {
      absl::StrAppend(&text, "[=", rest, "]");
    } else {
      absl::StrAppend(&text, "[", rest, "]");
    }
  }
  return text;
}

FieldSet FieldSet::Read(const Json& fields) {
  FieldSet set;
  if (!fields.is_object()) return set;
  for (const auto& [element, below] : fields.items()) {
    if (element == ".") {
      set.member_ = true;
      continue;
    }
    if (element.size() < 2 || element[1] != ':') continue;
    FieldSet child = Read(below);
    // What has nothing below it stands for itself.
    if (child.empty()) child.member_ = true;
    set.children_.emplace(element, std::move(child));
  }
  return set;
}

Json FieldSet::ToJson() const {
  Json fields = Json::object();
  if (member_ && !children_.empty()) fields["."] = Json::object();
  for (const auto& [element, below] : children_) {
    fields[element] = below.ToJson();
  }
  return fields;
}

void FieldSet::Insert(const FieldPath& path) {
  if (path.empty()) return;
  FieldSet* at = this;
  for (const std::string& element : path) at = &at->children_[element];
  at->member_ = true;
}

bool FieldSet::Has(absl::string_view element) const {
  const FieldSet* below = Below(element);
  return below != nullptr && below->member_;
}

const FieldSet* FieldSet::Below(absl::string_view element) const {
  const auto found = children_.find(element);
  return found == children_.end() ? nullptr : &found->second;
}

std::vector<FieldPath> FieldSet::Paths() const {
  std::vector<FieldPath> paths;
  FieldPath path;
  Collect(*this, path, paths);
  return paths;
}

FieldSet FieldSet::Union(const FieldSet& other) const {
  FieldSet result = *this;
  result.member_ = member_ || other.member_;
  for (const auto& [element, below] : other.children_) {
    FieldSet& mine = result.children_[element];
    mine = mine.Union(below);
  }
  return result;
}

FieldSet FieldSet::Intersection(const FieldSet& other) const {
  FieldSet result;
  result.member_ = member_ && other.member_;
  for (const auto& [element, below] : children_) {
    const FieldSet* theirs = other.Below(element);
    if (theirs != nullptr) Keep(result, element, below.Intersection(*theirs));
  }
  return result;
}

FieldSet FieldSet::Difference(const FieldSet& other) const {
  FieldSet result;
  result.member_ = member_ && !other.member_;
  for (const auto& [element, below] : children_) {
    const FieldSet* theirs = other.Below(element);
    Keep(result, element,
         theirs == nullptr ? below : below.Difference(*theirs));
  }
  return result;
}

FieldSet FieldSet::Without(const FieldSet& roots) const {
  FieldSet result;
  result.member_ = member_;
  for (const auto& [element, below] : children_) {
    const FieldSet* root = roots.Below(element);
    if (root == nullptr) {
      Keep(result, element, below);
    } else if (!root->member_) {
      Keep(result, element, below.Without(*root));
    }
  }
  return result;
}

}  // namespace howdah::local

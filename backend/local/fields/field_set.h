// A set of fields of an object, as metadata.managedFields keeps them.
//
//   FieldSet set = FieldSet::Read(entry["fieldsV1"]);
//   set.Insert({"f:spec", "f:instances"});
//   entry["fieldsV1"] = set.ToJson();
//
// An element of a path is written as the Kubernetes API does: `f:` and a name,
// `k:` and the JSON of the keys of a list's element, `v:` and the JSON of an
// element of a set. A field can be in the set while what it holds is not, and
// the other way round. Source: sigs.k8s.io/structured-merge-diff, fieldpath.
#ifndef HOWDAH_BACKEND_LOCAL_FIELDS_FIELD_SET_H_
#define HOWDAH_BACKEND_LOCAL_FIELDS_FIELD_SET_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local {

using FieldPath = std::vector<std::string>;

// A path for people: `.spec.managed.roles[name="app"].login`.
std::string FieldPathText(const FieldPath& path);

// Threads: as a value. Owns: its paths. Limits: none.
class FieldSet {
 public:
  // Of FieldsV1; what is no object, is an empty set.
  static FieldSet Read(const Json& fields);
  Json ToJson() const;

  bool empty() const { return !member_ && children_.empty(); }
  void Insert(const FieldPath& path);
  // Whether what the path leads to is in the set itself.
  bool Has(absl::string_view element) const;
  // What is in the set below one element; null if nothing is.
  const FieldSet* Below(absl::string_view element) const;
  std::vector<FieldPath> Paths() const;

  FieldSet Union(const FieldSet& other) const;
  FieldSet Intersection(const FieldSet& other) const;
  FieldSet Difference(const FieldSet& other) const;
  // Without these and everything below them.
  FieldSet Without(const FieldSet& roots) const;

  bool member() const { return member_; }
  void set_member() { member_ = true; }
  std::map<std::string, FieldSet, std::less<>>& children() { return children_; }
  const std::map<std::string, FieldSet, std::less<>>& children() const {
    return children_;
  }

 private:
  // Whether the node itself is in the set; never so at the root.
  bool member_ = false;
  std::map<std::string, FieldSet, std::less<>> children_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_FIELDS_FIELD_SET_H_

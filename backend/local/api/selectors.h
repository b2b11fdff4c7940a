// Label and field selectors of list, watch and collection delete.
//
//   ASSIGN_OR_RETURN(LabelSelector labels,
//                    LabelSelector::Parse("app=pg,tier in (a,b),!old"));
//   if (labels.Matches(object)) ...
#ifndef HOWDAH_BACKEND_LOCAL_API_SELECTORS_H_
#define HOWDAH_BACKEND_LOCAL_API_SELECTORS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// Threads: immutable; safe.
class LabelSelector {
 public:
  // The whole grammar: =, ==, !=, in, notin, exists, !exists, >, <.
  static absl::StatusOr<LabelSelector> Parse(absl::string_view text);
  bool Matches(const Json& object) const;
  bool empty() const { return requirements_.empty(); }

 private:
  enum class Operator { kIn, kNotIn, kExists, kAbsent, kGreater, kLess };
  struct Requirement {
    std::string key;
    Operator op;
    std::vector<std::string> values;
  };
  std::vector<Requirement> requirements_;
};

// Threads: immutable; safe.
class FieldSelector {
 public:
  // `supported` are the fields of the type beside metadata.name and
  // metadata.namespace; any other is refused as the API server does.
  static absl::StatusOr<FieldSelector> Parse(
      absl::string_view text, const std::vector<std::string>& supported);
  bool Matches(const Json& object) const;
  bool empty() const { return requirements_.empty(); }
  // The name that metadata.name must be, or "".
  std::string Name() const;

 private:
  struct Requirement {
    std::string field;
    bool equal;
    std::string value;
  };
  std::vector<Requirement> requirements_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_SELECTORS_H_

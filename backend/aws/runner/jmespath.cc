#include "backend/aws/runner/jmespath.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/aws/runner/jmespath_functions.h"
#include "backend/aws/runner/jmespath_node.h"
#include "proto/support/status_macros.h"

namespace howdah::aws::runner {
namespace {

using jmespath_internal::CallFunction;
using jmespath_internal::Node;
using jmespath_internal::NodeKind;
using jmespath_internal::QueryInvalid;
using jmespath_internal::SortByKeys;
using jmespath_internal::WrongArgument;
using nlohmann::json;

bool IsTrue(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  if (value.is_number()) return true;
  return !value.empty();  // lists, objects; null is empty
}

// A value that lies in the document, or one that was made.
class Found {
 public:
  explicit Found(const json& there) : there_(&there) {}
  explicit Found(json&& made) : made_(std::move(made)) {}

  bool is_made() const { return there_ == nullptr; }
  const json& get() const { return there_ == nullptr ? made_ : *there_; }
  json& made() { return made_; }

 private:
  const json* there_ = nullptr;
  json made_;
};

const json& Null() {
  static const json& null = *new json();
  return null;
}

// One search. What it finds in the document it points at; only what becomes
// part of a new value is copied, and counted: [@,@] doubles, and expressions
// nest.
class Search {
 public:
  absl::StatusOr<Found> Run(const Node& node, const json& input);
  // As a value of its own.
  absl::StatusOr<json> Own(const Node& node, const json& input);

 private:
  absl::StatusOr<Found> Sub(const Node& node, const json& input);
  absl::StatusOr<Found> Slice(const Node& node, const json& input);
  absl::StatusOr<Found> Project(const Node& node, const json& input);
  absl::StatusOr<Found> Flatten(const Node& node, const json& input);
  absl::StatusOr<Found> MultiList(const Node& node, const json& input);
  absl::StatusOr<Found> MultiHash(const Node& node, const json& input);
  absl::StatusOr<Found> Logic(const Node& node, const json& input);
  absl::StatusOr<Found> Compare(const Node& node, const json& input);
  absl::StatusOr<Found> Function(const Node& node, const json& input);
  absl::StatusOr<Found> FunctionWithReference(const Node& node,
                                              const json& input);
  absl::StatusOr<json> Copy(const json& value);
  absl::Status Charge(const json& value);
  absl::Status ChargeStep();

  size_t steps_ = 0;
  size_t copied_ = 0;
};

absl::Status TooLarge() {
  return QueryInvalid("it takes too much work or its result is too large");
}

absl::Status Search::ChargeStep() {
  constexpr size_t kMostSteps = 5'000'000;
  return ++steps_ > kMostSteps ? TooLarge() : absl::OkStatus();
}

absl::Status Search::Charge(const json& value) {
  constexpr size_t kMostBytes = size_t{32} << 20;
  copied_ += sizeof(json);
  if (value.is_string()) copied_ += value.get_ref<const std::string&>().size();
  if (copied_ > kMostBytes) return TooLarge();
  if (!value.is_structured()) return absl::OkStatus();
  for (const json& part : value) RETURN_IF_ERROR(Charge(part));
  return absl::OkStatus();
}

absl::StatusOr<json> Search::Copy(const json& value) {
  RETURN_IF_ERROR(Charge(value));
  return value;
}

absl::StatusOr<json> Search::Own(const Node& node, const json& input) {
  ASSIGN_OR_RETURN(Found found, Run(node, input));
  if (found.is_made()) return std::move(found.made());
  return Copy(found.get());
}

absl::StatusOr<Found> Search::Run(const Node& node, const json& input) {
  RETURN_IF_ERROR(ChargeStep());
  switch (node.kind) {
    case NodeKind::kCurrent:
      return Found(input);
    case NodeKind::kLiteral:
      return Found(node.literal);
    case NodeKind::kField: {
      const auto member =
          input.is_object() ? input.find(node.text) : input.end();
      return Found(member == input.end() ? Null() : *member);
    }
    case NodeKind::kIndex: {
      if (!input.is_array()) return Found(Null());
      const auto size = static_cast<int64_t>(input.size());
      const int64_t at = node.number < 0 ? node.number + size : node.number;
      return Found(at < 0 || at >= size ? Null() : input[at]);
    }
    case NodeKind::kSlice:
      return Slice(node, input);
    case NodeKind::kSub:
      return Sub(node, input);
    case NodeKind::kProjection:
    case NodeKind::kValueProjection:
    case NodeKind::kFilterProjection:
      return Project(node, input);
    case NodeKind::kFlatten:
      return Flatten(node, input);
    case NodeKind::kMultiList:
      return MultiList(node, input);
    case NodeKind::kMultiHash:
      return MultiHash(node, input);
    case NodeKind::kOr:
    case NodeKind::kAnd:
    case NodeKind::kNot:
      return Logic(node, input);
    case NodeKind::kCompare:
      return Compare(node, input);
    case NodeKind::kFunction:
      return Function(node, input);
    case NodeKind::kReference:
      return QueryInvalid(
          "& is only an argument of sort_by, max_by, min_by "
          "and map");
  }
  return Found(Null());
}

absl::StatusOr<Found> Search::Sub(const Node& node, const json& input) {
  ASSIGN_OR_RETURN(Found left, Run(*node.children[0], input));
  ASSIGN_OR_RETURN(Found right, Run(*node.children[1], left.get()));
  if (!left.is_made() || right.is_made()) return right;
  // What lies in a value that was made goes with it.
  ASSIGN_OR_RETURN(json copy, Copy(right.get()));
  return Found(std::move(copy));
}

absl::StatusOr<Found> Search::Slice(const Node& node, const json& input) {
  if (!input.is_array()) return Found(Null());
  const auto size = static_cast<int64_t>(input.size());
  const int64_t step = node.step.value_or(1);
  const auto place = [&](const std::optional<int64_t>& given,
                         int64_t otherwise) {
    if (!given) return otherwise;
    const int64_t low = step < 0 ? -1 : 0;
    const int64_t high = step < 0 ? size - 1 : size;
    return std::clamp(*given < 0 ? *given + size : *given, low, high);
  };
  const int64_t start = place(node.start, step < 0 ? size - 1 : 0);
  const int64_t stop = place(node.stop, step < 0 ? -1 : size);
  json list = json::array();
  for (int64_t i = start; step < 0 ? i > stop : i < stop;) {
    ASSIGN_OR_RETURN(json item, Copy(input[i]));
    list.push_back(std::move(item));
    // A step may be as long as numbers are.
    if (step > size || step < -size) break;
    i += step;
  }
  return Found(std::move(list));
}

absl::StatusOr<Found> Search::Project(const Node& node, const json& input) {
  ASSIGN_OR_RETURN(Found base, Run(*node.children[0], input));
  const bool of_object = node.kind == NodeKind::kValueProjection;
  if (of_object ? !base.get().is_object() : !base.get().is_array()) {
    return Found(Null());
  }
  json list = json::array();
  for (const json& item : base.get()) {
    if (node.kind == NodeKind::kFilterProjection) {
      ASSIGN_OR_RETURN(Found keep, Run(*node.children[2], item));
      if (!IsTrue(keep.get())) continue;
    }
    ASSIGN_OR_RETURN(json result, Own(*node.children[1], item));
    if (!result.is_null()) list.push_back(std::move(result));
  }
  return Found(std::move(list));
}

absl::StatusOr<Found> Search::Flatten(const Node& node, const json& input) {
  ASSIGN_OR_RETURN(Found base, Run(*node.children[0], input));
  if (!base.get().is_array()) return Found(Null());
  json list = json::array();
  for (const json& item : base.get()) {
    ASSIGN_OR_RETURN(json copy, Copy(item));
    if (!copy.is_array()) {
      list.push_back(std::move(copy));
      continue;
    }
    for (json& inner : copy) list.push_back(std::move(inner));
  }
  return Found(std::move(list));
}

absl::StatusOr<Found> Search::MultiList(const Node& node, const json& input) {
  if (input.is_null()) return Found(Null());
  json list = json::array();
  for (const auto& child : node.children) {
    ASSIGN_OR_RETURN(json item, Own(*child, input));
    list.push_back(std::move(item));
  }
  return Found(std::move(list));
}

absl::StatusOr<Found> Search::MultiHash(const Node& node, const json& input) {
  if (input.is_null()) return Found(Null());
  json object = json::object();
  for (size_t i = 0; i < node.children.size(); ++i) {
    ASSIGN_OR_RETURN(object[node.names[i]], Own(*node.children[i], input));
  }
  return Found(std::move(object));
}

absl::StatusOr<Found> Search::Logic(const Node& node, const json& input) {
  ASSIGN_OR_RETURN(Found left, Run(*node.children[0], input));
  const bool yes = IsTrue(left.get());
  if (node.kind == NodeKind::kNot) return Found(json(!yes));
  if (yes == (node.kind == NodeKind::kOr)) return left;
  return Run(*node.children[1], input);
}

absl::StatusOr<Found> Search::Compare(const Node& node, const json& input) {
  ASSIGN_OR_RETURN(Found left, Run(*node.children[0], input));
  ASSIGN_OR_RETURN(Found right, Run(*node.children[1], input));
  const json& a = left.get();
  const json& b = right.get();
  if (node.text == "==") return Found(json(a == b));
  if (node.text == "!=") return Found(json(a != b));
  // The CLI's library orders texts too, for the sake of dates.
  const bool ordered =
      (a.is_number() && b.is_number()) || (a.is_string() && b.is_string());
  if (!ordered) return Found(Null());
  if (node.text == "<") return Found(json(a < b));
  if (node.text == "<=") return Found(json(a <= b));
  if (node.text == ">") return Found(json(a > b));
  return Found(json(a >= b));
}

absl::StatusOr<Found> Search::Function(const Node& node, const json& input) {
  for (const auto& child : node.children) {
    if (child->kind == NodeKind::kReference) {
      return FunctionWithReference(node, input);
    }
  }
  std::vector<json> arguments;
  for (const auto& child : node.children) {
    ASSIGN_OR_RETURN(json argument, Own(*child, input));
    arguments.push_back(std::move(argument));
  }
  ASSIGN_OR_RETURN(json result, CallFunction(node.text, std::move(arguments)));
  RETURN_IF_ERROR(Charge(result));
  return Found(std::move(result));
}

absl::StatusOr<Found> Search::FunctionWithReference(const Node& node,
                                                    const json& input) {
  const std::string& name = node.text;
  const bool maps = name == "map";
  const bool known =
      maps || name == "sort_by" || name == "max_by" || name == "min_by";
  if (!known || node.children.size() != 2) {
    return QueryInvalid(absl::StrCat(name, "() does not take these arguments"));
  }
  const Node& reference = *node.children[maps ? 0 : 1];
  const Node& list_node = *node.children[maps ? 1 : 0];
  if (reference.kind != NodeKind::kReference ||
      list_node.kind == NodeKind::kReference) {
    return QueryInvalid(absl::StrCat(name, "() takes a list and an & in the ",
                                     maps ? "other " : "", "order ",
                                     maps ? "(&, list)" : "(list, &)"));
  }
  ASSIGN_OR_RETURN(json list, Own(list_node, input));
  if (!list.is_array()) return WrongArgument(name, "a list", list);
  std::vector<json> keys;
  for (const json& item : list) {
    ASSIGN_OR_RETURN(json key, Own(*reference.children[0], item));
    keys.push_back(std::move(key));
  }
  if (maps) return Found(json(std::move(keys)));
  std::vector<size_t> order;
  RETURN_IF_ERROR(SortByKeys(name, keys, order));
  if (name == "sort_by") {
    json sorted = json::array();
    for (const size_t at : order) sorted.push_back(std::move(list[at]));
    return Found(std::move(sorted));
  }
  if (order.empty()) return Found(Null());
  size_t best = order.front();
  if (name == "max_by") {
    // Of equals the first.
    best = *std::find_if(order.begin(), order.end(), [&](size_t at) {
      return keys[at] == keys[order.back()];
    });
  }
  return Found(std::move(list[best]));
}

}  // namespace

absl::StatusOr<JmesPath> JmesPath::Parse(absl::string_view expression) {
  ASSIGN_OR_RETURN(auto root, jmespath_internal::ParseExpression(expression));
  return JmesPath(std::move(root));
}

absl::StatusOr<json> JmesPath::Search(const json& document) const {
  return runner::Search().Own(*root_, document);
}

}  // namespace howdah::aws::runner

// The tree of a parsed JMESPath expression: between the parser and the search.
#ifndef HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_NODE_H_
#define HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_NODE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::aws::runner::jmespath_internal {

enum class NodeKind {
  kCurrent,           // @
  kField,             // text
  kLiteral,           // literal
  kIndex,             // number
  kSlice,             // start, stop, step
  kSub,               // left, then right on what it gives
  kProjection,        // left gives a list; right on each item
  kValueProjection,   // left gives an object; right on each value
  kFilterProjection,  // left, right, and a condition
  kFlatten,           // left, one level of lists dissolved
  kMultiList,
  kMultiHash,  // names beside the children
  kOr,
  kAnd,
  kNot,
  kCompare,    // text is the operator
  kFunction,   // text is the name
  kReference,  // &expression
};

struct Node {
  NodeKind kind = NodeKind::kCurrent;
  std::string text = {};
  nlohmann::json literal = {};
  int64_t number = 0;
  std::optional<int64_t> start = {};
  std::optional<int64_t> stop = {};
  std::optional<int64_t> step = {};
  std::vector<std::string> names = {};
  std::vector<std::shared_ptr<const Node>> children = {};
};
using NodePtr = std::shared_ptr<const Node>;

absl::StatusOr<NodePtr> ParseExpression(absl::string_view expression);

absl::Status QueryInvalid(absl::string_view problem);

}  // namespace howdah::aws::runner::jmespath_internal

#endif  // HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_NODE_H_

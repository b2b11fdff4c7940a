// JMESPath, the language of the AWS CLI's --query.
//
//   ASSIGN_OR_RETURN(const JmesPath query,
//                    JmesPath::Parse("Reservations[].Instances[].InstanceId"));
//   ASSIGN_OR_RETURN(const json result, query.Search(document));
//
// All of the specification: sub-expressions, indices, slices, projections,
// flattening, filters, multi-selects, pipes, literals, functions and expression
// references. Why it is our own: docs/decisions.
#ifndef HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_H_
#define HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::aws::runner {

namespace jmespath_internal {
struct Node;
}  // namespace jmespath_internal

// Threads: immutable; safe.
// Limits: 4096 bytes, nesting of 64, and a result of a million values and as
// much text as the document may have several times over; beyond it is refused.
class JmesPath {
 public:
  // INVALID_ARGUMENT with reason QUERY_INVALID tells what is wrong and where.
  static absl::StatusOr<JmesPath> Parse(absl::string_view expression);

  // INVALID_ARGUMENT with reason QUERY_INVALID where a function is given what
  // it does not take, or the result would be too large.
  absl::StatusOr<nlohmann::json> Search(const nlohmann::json& document) const;

 private:
  explicit JmesPath(std::shared_ptr<const jmespath_internal::Node> root)
      : root_(std::move(root)) {}

  std::shared_ptr<const jmespath_internal::Node> root_;
};

}  // namespace howdah::aws::runner

#endif  // HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_H_

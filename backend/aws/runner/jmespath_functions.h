// The functions of JMESPath that need no expression reference.
#ifndef HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_FUNCTIONS_H_
#define HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_FUNCTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::aws::runner::jmespath_internal {

// Calls a function; QUERY_INVALID if there is none of this name, or it does not
// take these arguments.
absl::StatusOr<nlohmann::json> CallFunction(
    const std::string& name, std::vector<nlohmann::json> arguments);

// "array", "number", … as the function type() says.
absl::string_view TypeName(const nlohmann::json& value);

// Sorts by keys, which are all numbers or all strings; keeps the order of
// equals.
absl::Status SortByKeys(absl::string_view function,
                        const std::vector<nlohmann::json>& keys,
                        std::vector<size_t>& order);

absl::Status WrongArgument(absl::string_view function, absl::string_view takes,
                           const nlohmann::json& given);

}  // namespace howdah::aws::runner::jmespath_internal

#endif  // HOWDAH_BACKEND_AWS_RUNNER_JMESPATH_FUNCTIONS_H_

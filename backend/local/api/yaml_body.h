// YAML bodies, read and written as a real API server does.
//
//   ASSIGN_OR_RETURN(YamlBody body, ParseYaml("spec: {instances: 3}"));
//   // body.value is {"spec": {"instances": 3}}
//   response.body = ToYaml(object);
//
// Values are what go-yaml v2 makes of them, which is YAML 1.1: `yes` is true,
// 0777 is octal, a date is text. Only the first document of a stream counts.
#ifndef HOWDAH_BACKEND_LOCAL_API_YAML_BODY_H_
#define HOWDAH_BACKEND_LOCAL_API_YAML_BODY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::local {

struct YamlBody {
  nlohmann::json value;  // null if there is no document
  // Of each key that its mapping has already, `line 3: key "a" already set in
  // map`. The last value counts.
  std::vector<std::string> duplicates;
};

// 400 if it is no YAML, or none that JSON can say. Limits: 500 levels; aliases
// that multiply the text beyond measure are refused.
absl::StatusOr<YamlBody> ParseYaml(absl::string_view text);

std::string ToYaml(const nlohmann::json& value);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_YAML_BODY_H_

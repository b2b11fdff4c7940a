// What schemas and webhooks of Kubernetes refuse, as far as services can run
// into it.
//
//   CheckAdmission("clusters", {...}) -> INVALID_OBJECT: spec.instances: ...
#ifndef HOWDAH_TESTS_SUPPORT_FAKE_ADMISSION_H_
#define HOWDAH_TESTS_SUPPORT_FAKE_ADMISSION_H_

#include <string>

#include "absl/status/status.h"
#include "nlohmann/json.hpp"

namespace howdah::testing {

// `object` is the whole object as it would be stored.
absl::Status CheckAdmission(const std::string& plural,
                            const nlohmann::json& object);

}  // namespace howdah::testing

#endif  // HOWDAH_TESTS_SUPPORT_FAKE_ADMISSION_H_

// Environment variables as a dependency.
#ifndef HOWDAH_PROTO_SUPPORT_ENVIRONMENT_H_
#define HOWDAH_PROTO_SUPPORT_ENVIRONMENT_H_

#include <functional>
#include <string>

namespace howdah::support {

// Value of an environment variable, empty if it is not set.
using EnvironmentOf = std::function<std::string(const char* name)>;

inline std::string EmptyEnvironment(const char*) { return {}; }

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_ENVIRONMENT_H_

// Environment variables as a dependency.
#ifndef HOWDAH_PROTO_SUPPORT_ENVIRONMENT_H_
#define HOWDAH_PROTO_SUPPORT_ENVIRONMENT_H_

#include <cstdlib>
#include <functional>
#include <string>

namespace howdah::support {

// Value of an environment variable, empty if it is not set.
using EnvironmentOf = std::function<std::string(const char* name)>;

inline std::string EmptyEnvironment(const char*) { return {}; }

inline std::string ProcessEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_ENVIRONMENT_H_

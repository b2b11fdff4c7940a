// The Aiven API sandbox put together: tokens, certificates, PostgreSQL, API and
// server. The only file that names its concrete classes.
//
//   ASSIGN_OR_RETURN(auto sandbox, Sandbox::Start({.data_dir = dir}));
//   sandbox->facts();  // {"base_url":…,"token_file":…,"admin_token_file":…}
//   sandbox->Stop();   // servers end, their data goes
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_SANDBOX_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_SANDBOX_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace howdah::local::aiven {

struct SandboxConfig {
  // Tokens, certificates and databases are below <data_dir>/aiven.
  std::string data_dir;
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0 for a free one
  // Calls per token; 0 for any number.
  int calls_per_minute = 120;
};

// Threads: Start and Stop from one. Owns: everything of the sandbox. Tokens and
// certificates stay for the next; fleet and databases begin anew.
class Sandbox {
 public:
  // ALREADY_EXISTS if one runs on the directory or the port is taken.
  static absl::StatusOr<std::unique_ptr<Sandbox>> Start(
      const SandboxConfig& config);
  ~Sandbox();

  const nlohmann::json& facts() const;
  void Stop();

 private:
  class Impl;
  explicit Sandbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_SANDBOX_H_

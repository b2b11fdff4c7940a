// Who would act: what STS says about a profile's credentials, remembered
// briefly.
//
//   identities.Get(cli.program, {.profile = "prod", .region = "eu-west-1"},
//                  [](absl::StatusOr<Identity> identity) { … });
#ifndef HOWDAH_BACKEND_AWS_RUNNER_IDENTITY_CACHE_H_
#define HOWDAH_BACKEND_AWS_RUNNER_IDENTITY_CACHE_H_

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "backend/aws/runner/cli_runner.h"

namespace howdah::aws::runner {

struct Identity {
  std::string account;
  std::string arn;
  std::string user_id;
  absl::Time asked_at;
};

// Threads: safe; many who ask for the same at once ask AWS once. Owns: what it
// remembers. The runner must outlive it.
// Limits: five minutes; an error is not remembered.
class IdentityCache {
 public:
  using Done = std::function<void(absl::StatusOr<Identity>)>;

  explicit IdentityCache(CliRunner& runner,
                         std::function<absl::Time()> now = &absl::Now)
      : runner_(runner), now_(std::move(now)) {}

  // `done` is called at once or on the pool's thread, and must not block.
  void Get(const std::string& program, const std::string& profile,
           const std::string& region, Done done);

 private:
  struct Entry {
    std::optional<Identity> identity;
    std::vector<Done> waiting;
  };

  void Ask(const std::string& program, const std::string& profile,
           const std::string& region, const std::string& key);
  void Tell(const std::string& key, const absl::StatusOr<Identity>& identity);

  CliRunner& runner_;
  const std::function<absl::Time()> now_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

// From what `sts get-caller-identity` printed.
absl::StatusOr<Identity> ReadIdentity(const process::ProgramEnd& end,
                                      const std::string& profile,
                                      const std::string& region);

}  // namespace howdah::aws::runner

#endif  // HOWDAH_BACKEND_AWS_RUNNER_IDENTITY_CACHE_H_

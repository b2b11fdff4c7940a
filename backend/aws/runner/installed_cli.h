// The AWS CLI of this machine: where it is and what it can do, found when it is
// first needed and again when it was replaced.
//
//   ASSIGN_OR_RETURN(const FoundCli cli, installed.Find());
//   ParseCommand(*cli.index, …)
#ifndef HOWDAH_BACKEND_AWS_RUNNER_INSTALLED_CLI_H_
#define HOWDAH_BACKEND_AWS_RUNNER_INSTALLED_CLI_H_

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "backend/aws/installed_index.h"
#include "backend/process/program_pool.h"

namespace howdah::aws::runner {

struct InstalledCliOptions {
  std::string name = "aws";  // or a path
  std::string path;          // the PATH to look on
  std::string cache_directory;
};

struct FoundCli {
  std::string program;
  std::shared_ptr<const CommandIndex> index;
};

// Where a CLI comes from. Threads: safe.
class CliSource {
 public:
  virtual ~CliSource() = default;
  // CLI_MISSING, CLI_UNUSABLE. May block.
  virtual absl::StatusOr<FoundCli> Find() = 0;
};

// Threads: safe; the first call of Find takes seconds. Owns: the index. The
// pool must outlive it.
class InstalledCli : public CliSource {
 public:
  InstalledCli(InstalledCliOptions options, process::ProgramPool& pool)
      : options_(std::move(options)), pool_(pool) {}

  absl::StatusOr<FoundCli> Find() override;

 private:
  const InstalledCliOptions options_;
  process::ProgramPool& pool_;
  std::mutex mutex_;
  std::string program_;
  std::shared_ptr<const InstalledIndex> index_;
};

}  // namespace howdah::aws::runner

#endif  // HOWDAH_BACKEND_AWS_RUNNER_INSTALLED_CLI_H_

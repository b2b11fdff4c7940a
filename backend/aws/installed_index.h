// The command index of the AWS CLI that is installed on this machine.
//
//   ASSIGN_OR_RETURN(std::string program, FindAwsCli("aws", path));
//   ASSIGN_OR_RETURN(auto index,
//                    InstalledIndex::Open({.program = program,
//                                          .cache_directory = "/var/cache/…",
//                                          .run = RunProgram}));
//
// The CLI tells what it can do itself: it is started with a plug-in of ours
// (index_plugin.py), which reads its command tables and calls nothing. That
// works alike for version 1 from PyPI, version 2 from Debian and the bundle of
// its makers, needs no guess about interpreter or layout, and knows all
// customizations. A service is asked for when it is first used (under a second)
// and kept in a private file, which is good as long as the CLI's own files have
// not changed; with it, opening and asking take milliseconds and start nothing.
#ifndef HOWDAH_BACKEND_AWS_INSTALLED_INDEX_H_
#define HOWDAH_BACKEND_AWS_INSTALLED_INDEX_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "backend/aws/command_index.h"

namespace howdah::aws {

struct ProgramRun {
  std::vector<std::string> argv;         // the first is an absolute path
  std::vector<std::string> environment;  // "NAME=value"; nothing else is set
  std::string directory;
  absl::Duration limit;
};

struct ProgramResult {
  int exit_code = 0;
  std::string output;
  std::string errors;
};

// Runs a program to its end, without a shell; an error if it cannot be started
// or does not end in time.
using ProgramRunner =
    std::function<absl::StatusOr<ProgramResult>(const ProgramRun&)>;

struct InstalledIndexOptions {
  std::string program;          // absolute path of the CLI
  std::string cache_directory;  // made with mode 0700
  ProgramRunner run;
  absl::Duration limit = absl::Seconds(60);
};

// Where `name` is on `path`, or `name` itself if it has a slash.
// FAILED_PRECONDITION with reason CLI_MISSING.
absl::StatusOr<std::string> FindAwsCli(absl::string_view name,
                                       absl::string_view path);

// Threads: safe; a service that several ask for is asked of the CLI once.
class InstalledIndex : public CommandIndex {
 public:
  // FAILED_PRECONDITION with reason CLI_UNUSABLE.
  static absl::StatusOr<std::unique_ptr<InstalledIndex>> Open(
      InstalledIndexOptions options);

  std::string cli_version() const override { return head_.cli_version; }
  const std::vector<std::string>& services() const override {
    return head_.services;
  }
  absl::StatusOr<std::shared_ptr<const ServiceCommands>> Service(
      absl::string_view name) const override;

  // False when the CLI's files are no longer those that were read: open anew.
  bool IsCurrent() const;

 private:
  InstalledIndex(InstalledIndexOptions options, std::string folder)
      : options_(std::move(options)), folder_(std::move(folder)) {}

  absl::Status Read();
  // Has the CLI write the file of one service, or with "" the head.
  absl::Status Ask(absl::string_view service) const;

  const InstalledIndexOptions options_;
  const std::string folder_;  // of this CLI, below the cache directory
  IndexHead head_;
  std::string head_text_;  // as the plug-in wrote it

  // A service, and who asks for it.
  struct Entry {
    absl::Mutex mutex;
    std::shared_ptr<const ServiceCommands> commands ABSL_GUARDED_BY(mutex);
  };
  mutable absl::Mutex mutex_;
  mutable absl::flat_hash_map<std::string, std::unique_ptr<Entry>> entries_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_INSTALLED_INDEX_H_

// A folder in the place for temporary files that goes with its process: removed
// by its owner at the end, or, where the owner was killed, by the next one.
//
//   RemoveAbandonedFolders("/tmp", "howdah-aws");
//   ASSIGN_OR_RETURN(const auto own, PrivateFolder::Make("/tmp",
//   "howdah-aws")); own->path()   // "/tmp/howdah-aws-x1Yz9k", mode 0700
//
// Whose owner lives is told by a lock on the folder itself, which the kernel
// takes away from a process that has died, and which holds between containers
// that share the place.
#ifndef HOWDAH_BACKEND_AWS_RUNNER_PRIVATE_FOLDER_H_
#define HOWDAH_BACKEND_AWS_RUNNER_PRIVATE_FOLDER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "backend/process/child_process.h"

namespace howdah::aws::runner {

// Threads: immutable; safe. Owns: the folder with all that is in it.
class PrivateFolder {
 public:
  // INTERNAL, FOLDER_FAILED.
  static absl::StatusOr<std::unique_ptr<PrivateFolder>> Make(
      const std::string& parent, const std::string& prefix);

  ~PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  PrivateFolder(std::string path, process::Descriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  const std::string path_;
  // Open, and locked, as long as we live.
  const process::Descriptor lock_;
};

// Removes the folders of such names that are this user's and nobody holds.
void RemoveAbandonedFolders(const std::string& parent,
                            const std::string& prefix);

}  // namespace howdah::aws::runner

#endif  // HOWDAH_BACKEND_AWS_RUNNER_PRIVATE_FOLDER_H_

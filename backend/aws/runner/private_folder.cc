#include "backend/aws/runner/private_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/aws/runner/cli_errors.h"

namespace howdah::aws::runner {
namespace {

namespace fs = std::filesystem;

// Open and locked by us; closed if it is not a folder of ours or is held.
process::Descriptor Lock(const std::string& path) {
  process::Descriptor folder(
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts {};
  if (folder.get() < 0 || fstat(folder.get(), &facts) != 0 ||
      facts.st_uid != geteuid() ||
      flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    folder.Close();
  }
  return folder;
}

// Whether `path` still leads to what is open: another may have taken it for
// abandoned just before it was locked.
bool IsAt(const std::string& path, const process::Descriptor& folder) {
  struct stat open_one {};
  struct stat named {};
  return fstat(folder.get(), &open_one) == 0 &&
         lstat(path.c_str(), &named) == 0 && open_one.st_ino == named.st_ino &&
         open_one.st_dev == named.st_dev;
}

void Remove(const std::string& path) {
  // Links are removed, not followed.
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PrivateFolder>> PrivateFolder::Make(
    const std::string& parent, const std::string& prefix) {
  constexpr int kTries = 10;
  for (int tries = 0; tries < kTries; ++tries) {
    std::string path = absl::StrCat(parent, "/", prefix, "-XXXXXX");
    if (mkdtemp(path.data()) == nullptr) {
      return FolderFailed(path, strerror(errno));
    }
    process::Descriptor lock = Lock(path);
    if (lock.get() >= 0 && IsAt(path, lock)) {
      return std::unique_ptr<PrivateFolder>(
          new PrivateFolder(std::move(path), std::move(lock)));
    }
  }
  return FolderFailed(absl::StrCat(parent, "/", prefix), "it cannot be locked");
}

PrivateFolder::~PrivateFolder() { Remove(path_); }

void RemoveAbandonedFolders(const std::string& parent,
                            const std::string& prefix) {
  std::error_code error;
  const std::string start = absl::StrCat(prefix, "-");
  for (fs::directory_iterator entry(parent, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!absl::StartsWith(entry->path().filename().string(), start)) continue;
    const std::string path = entry->path().string();
    const process::Descriptor lock = Lock(path);
    if (lock.get() >= 0 && IsAt(path, lock)) Remove(path);
  }
}

}  // namespace howdah::aws::runner

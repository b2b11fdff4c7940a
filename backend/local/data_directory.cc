#include "backend/local/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/local/private_files.h"

namespace howdah::local {

DataDirectory::DataDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::path absolute = std::filesystem::absolute(path, error);
  path_ = error ? path : absolute.lexically_normal().string();
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
}

absl::Status DataDirectory::Create() const {
  return MakeDirectory(path_, 0711);
}

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path,
                                           absl::Duration patience) {
  int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("Cannot open ", path));
  }
  FileLock lock(file);
  absl::Time deadline = absl::Now() + patience;
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return absl::ErrnoToStatus(errno, absl::StrCat("Cannot lock ", path));
    }
    if (absl::Now() >= deadline) {
      return absl::AlreadyExistsError(
          absl::StrCat(path, " is locked by another process"));
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  return lock;
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

FileLock::~FileLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace howdah::local

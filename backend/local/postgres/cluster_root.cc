#include "backend/local/postgres/cluster_root.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "backend/local/postgres/errors.h"
#include "proto/support/status_macros.h"

namespace howdah::local::postgres {
namespace {

namespace fs = std::filesystem;

constexpr char kElsewhere[] = "/var/lib/howdah";
// sun_path has 108 bytes; "/.s.PGSQL.65535.lock" needs 20.
constexpr size_t kMaxSocketDirectory = 86;

// FNV-1a: the same for the same path in every build.
std::string ShortHash(const std::string& text) {
  uint64_t hash = 14695981039346656037u;
  for (unsigned char c : text) hash = (hash ^ c) * 1099511628211u;
  return absl::StrFormat("%016x", hash).substr(0, 12);
}

absl::Status LinkTo(const std::string& target, const std::string& link) {
  std::error_code error;
  if (fs::read_symlink(link, error) == target) return absl::OkStatus();
  if (fs::is_directory(fs::symlink_status(link, error)) &&
      !fs::is_empty(link, error)) {
    return absl::FailedPreconditionError(absl::StrCat(
        link,
        " has clusters that the user of PostgreSQL cannot reach; move "
        "the data directory, or run as the user that owns it"));
  }
  fs::remove(link, error);
  fs::create_symlink(target, link, error);
  return error ? SystemError(link, error.value()) : absl::OkStatus();
}

// A directory in /tmp could be somebody else's.
absl::Status CheckOwner(const std::string& directory, uid_t uid) {
  struct stat info;
  if (lstat(directory.c_str(), &info) != 0) {
    return SystemError(directory, errno);
  }
  if (!S_ISDIR(info.st_mode) || info.st_uid != uid) {
    return absl::PermissionDeniedError(
        absl::StrCat(directory, " belongs to somebody else"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ClusterRoot> PrepareClusterRoot(const std::string& data_dir,
                                               const OsUser& user) {
  std::error_code error;
  const std::string base = fs::weakly_canonical(data_dir, error).string();
  if (error) return SystemError(data_dir, error.value());
  const std::string hash = ShortHash(base);
  ClusterRoot root;
  root.directory = base + "/clusters";
  if (!CanTraverse(user, base)) {
    root.is_elsewhere = true;
    root.directory = absl::StrCat(kElsewhere, "/", hash, "/clusters");
    fs::create_directories(absl::StrCat(kElsewhere, "/", hash), error);
    if (error) return SystemError(kElsewhere, error.value());
    RETURN_IF_ERROR(LinkTo(root.directory, base + "/clusters"));
  }
  RETURN_IF_ERROR(MakeDirectoryFor(user, root.directory, 0700));
  root.socket_directory = root.directory + "/.sockets";
  if (root.socket_directory.size() > kMaxSocketDirectory) {
    root.socket_directory = absl::StrCat("/tmp/howdah-", hash);
    if (mkdir(root.socket_directory.c_str(), 0700) == 0) {
      RETURN_IF_ERROR(MakeDirectoryFor(user, root.socket_directory, 0700));
    } else {
      RETURN_IF_ERROR(CheckOwner(root.socket_directory, user.uid));
    }
  } else {
    RETURN_IF_ERROR(MakeDirectoryFor(user, root.socket_directory, 0700));
  }
  return root;
}

void RemoveIfEmpty(const std::string& data_dir, const ClusterRoot& root) {
  // rmdir refuses what is not empty.
  if (rmdir(root.socket_directory.c_str()) != 0) return;
  if (rmdir(root.directory.c_str()) != 0 || !root.is_elsewhere) return;
  rmdir(fs::path(root.directory).parent_path().c_str());
  unlink(absl::StrCat(data_dir, "/clusters").c_str());
}

}  // namespace howdah::local::postgres

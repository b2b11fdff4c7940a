#include "backend/local/postgres/os_user.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "backend/local/postgres/errors.h"

namespace howdah::local::postgres {
namespace {

constexpr char kServerUserName[] = "postgres";

std::vector<gid_t> GroupsOf(const char* name, gid_t gid) {
  int count = 64;
  std::vector<gid_t> groups(count);
  if (getgrouplist(name, gid, groups.data(), &count) < 0) {
    groups.resize(count);
    getgrouplist(name, gid, groups.data(), &count);
  }
  groups.resize(count);
  return groups;
}

}  // namespace

OsUser OwnUser() {
  OsUser user;
  user.uid = geteuid();
  user.gid = getegid();
  char buffer[4096];
  passwd entry;
  passwd* found = nullptr;
  if (getpwuid_r(user.uid, &entry, buffer, sizeof(buffer), &found) == 0 &&
      found != nullptr) {
    user.name = found->pw_name;
  } else {
    user.name = absl::StrCat(user.uid);
  }
  return user;
}

absl::StatusOr<OsUser> ServerUser() {
  if (geteuid() != 0) return OwnUser();
  char buffer[4096];
  passwd entry;
  passwd* found = nullptr;
  if (getpwnam_r(kServerUserName, &entry, buffer, sizeof(buffer), &found) !=
          0 ||
      found == nullptr) {
    return absl::NotFoundError(
        "PostgreSQL does not run as root and the user \"postgres\" does not "
        "exist; install the package postgresql");
  }
  OsUser user;
  user.name = found->pw_name;
  user.uid = found->pw_uid;
  user.gid = found->pw_gid;
  user.groups = GroupsOf(found->pw_name, found->pw_gid);
  user.must_switch = true;
  return user;
}

bool BecomeUser(const OsUser& user) {
  if (!user.must_switch) return true;
  return setgroups(user.groups.size(), user.groups.data()) == 0 &&
         setgid(user.gid) == 0 && setuid(user.uid) == 0;
}

bool CanTraverse(const OsUser& user, const std::string& directory) {
  if (!user.must_switch) return access(directory.c_str(), X_OK) == 0;
  pid_t child = fork();
  if (child == 0) {
    bool ok = BecomeUser(user) && access(directory.c_str(), X_OK) == 0;
    _exit(ok ? 0 : 1);
  }
  if (child < 0) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

absl::Status MakeDirectoryFor(const OsUser& user, const std::string& directory,
                              mode_t mode) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return SystemError(directory, error.value());
  if (chmod(directory.c_str(), mode) != 0) return SystemError(directory, errno);
  if (user.must_switch && chown(directory.c_str(), user.uid, user.gid) != 0) {
    return SystemError(directory, errno);
  }
  return absl::OkStatus();
}

}  // namespace howdah::local::postgres

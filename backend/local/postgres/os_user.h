// The operating-system user that runs PostgreSQL.
//
//   ASSIGN_OR_RETURN(OsUser user, ServerUser());
//   if (!CanUse(user, "/root/howdah")) { ...put the data elsewhere... }
//
// PostgreSQL refuses to run as root, so a plane started by root runs it as
// `postgres`; any other plane runs it as itself.
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_OS_USER_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_OS_USER_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace howdah::local::postgres {

struct OsUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  // False: this process already is that user.
  bool must_switch = false;
};

// NOT_FOUND if started by root and there is no user `postgres`.
absl::StatusOr<OsUser> ServerUser();

// The user of this process.
OsUser OwnUser();

// Whether `user` can enter the directory and write into it once it owns it,
// that is, whether it may traverse every folder above. Asks the kernel.
bool CanTraverse(const OsUser& user, const std::string& directory);

// Creates the directory, and those above it, and gives the last to `user`.
absl::Status MakeDirectoryFor(const OsUser& user, const std::string& directory,
                              mode_t mode);

// Becomes `user`; only async-signal-safe calls, for use between fork and exec.
// False if the kernel refuses.
bool BecomeUser(const OsUser& user);

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_OS_USER_H_

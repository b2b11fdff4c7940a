// Where the data of clusters lies: in the plane's directory, or, when the user
// that runs PostgreSQL cannot get there (/root, a private temporary directory),
// in /var/lib/howdah with a link.
//
//   ASSIGN_OR_RETURN(ClusterRoot root, PrepareClusterRoot(data_dir, user));
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_CLUSTER_ROOT_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_CLUSTER_ROOT_H_

#include <string>

#include "absl/status/statusor.h"
#include "backend/local/postgres/os_user.h"

namespace howdah::local::postgres {

struct ClusterRoot {
  std::string directory;         // real path
  std::string socket_directory;  // short enough for a Unix socket
  bool is_elsewhere = false;     // not below the plane's directory
};

absl::StatusOr<ClusterRoot> PrepareClusterRoot(const std::string& data_dir,
                                               const OsUser& user);

// Removes what is empty of it, so that a plane without clusters leaves nothing.
void RemoveIfEmpty(const std::string& data_dir, const ClusterRoot& root);

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_CLUSTER_ROOT_H_

// The PostgreSQL versions on this machine, and the one a Cluster asks for.
//
//   Installations all = FindInstallations("/usr/lib/postgresql");
//   ASSIGN_OR_RETURN(Installation pg, Choose(all,
//   "ghcr.io/.../postgresql:16"));
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_INSTALLATIONS_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_INSTALLATIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::local::postgres {

struct Installation {
  int major = 0;
  std::string bin_directory;
};

// Newest last.
using Installations = std::vector<Installation>;

// Looks for <root>/<major>/bin with all programs the plane needs.
Installations FindInstallations(const std::string& root);

// The major version of an image reference such as
// "ghcr.io/cloudnative-pg/postgresql:16.2-bookworm@sha256:..."; nullopt if its
// tag names none.
std::optional<int> MajorOfImage(absl::string_view image);

// The installation for an image; the newest for an empty one. NOT_FOUND if it
// is not there, which is this plane's "image cannot be pulled".
absl::StatusOr<Installation> Choose(const Installations& installations,
                                    absl::string_view image);

absl::StatusOr<Installation> ChooseMajor(const Installations& installations,
                                         int major);

// The image name that stands for an installation in statuses.
std::string ImageOf(const Installation& installation);

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_INSTALLATIONS_H_

// The local plane put together: store, API, controllers, kubeconfig. The only
// file that names concrete classes.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<Plane> plane, Plane::Start(options));
//   plane->facts();   // {"kubeconfig":…,"server":…,"pid":…,"data_dir":…}
//   plane->Stop();    // PostgreSQL ends in order; state stays
#ifndef HOWDAH_BACKEND_LOCAL_PLANE_H_
#define HOWDAH_BACKEND_LOCAL_PLANE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backend/local/data_directory.h"
#include "nlohmann/json.hpp"

namespace howdah::local {

struct PlaneOptions {
  std::string data_dir;
  std::string host = "127.0.0.1";
  // 0 for the port of last time if it is free, else any.
  uint16_t port = 6550;
};

// Threads: Start and Stop from one. Owns: everything of the plane.
class Plane {
 public:
  // ALREADY_EXISTS if a plane runs on the directory or the port is taken.
  static absl::StatusOr<std::unique_ptr<Plane>> Start(
      const PlaneOptions& options);
  ~Plane();

  const nlohmann::json& facts() const;
  void Stop();

 private:
  class Impl;
  explicit Plane(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_PLANE_H_

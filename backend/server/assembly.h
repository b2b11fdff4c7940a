// Puts the server together: the one place that names concrete classes.
//
//   ASSIGN_OR_RETURN(auto assembly, Assembly::Start(config));
//   ServeUntilSignal(config, assembly->server());
//
// Nothing here touches Kubernetes: kubeconfig and connections wait for the
// first call that needs them, so that a server starts fast and without effect.
#ifndef HOWDAH_BACKEND_SERVER_ASSEMBLY_H_
#define HOWDAH_BACKEND_SERVER_ASSEMBLY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "backend/server/config.h"
#include "backend/server/server.h"

namespace howdah::server {

// Threads: safe. Owns: the server and all that it stands on, taken down in the
// reverse order.
class Assembly {
 public:
  static absl::StatusOr<std::unique_ptr<Assembly>> Start(const Config& config);

  virtual ~Assembly() = default;

  virtual Server& server() = 0;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_ASSEMBLY_H_

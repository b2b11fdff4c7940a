// Runs a credential plug-in: a program, started without a shell, that prints an
// ExecCredential.
//
//   ASSIGN_OR_RETURN(ExecCredential credential,
//                    RunExecPlugin(plugin, connection, call.cancelled, limit));
#ifndef HOWDAH_BACKEND_KUBERNETES_EXEC_PLUGIN_H_
#define HOWDAH_BACKEND_KUBERNETES_EXEC_PLUGIN_H_

#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/kubernetes/connection.h"

namespace howdah::kubernetes {

struct ExecCredential {
  std::string token = {};
  std::string certificate_pem = {};
  std::string key_pem = {};
  // InfiniteFuture if the plug-in names no end.
  absl::Time expires = absl::InfiniteFuture();
};

// Runs `connection.exec` and reads what it prints. UNAUTHENTICATED with reason
// EXEC_PLUGIN_FAILED if it cannot be run, fails, takes longer than `limit` or
// prints something else. What it prints on stdout is never in a message.
absl::StatusOr<ExecCredential> RunExecPlugin(const Connection& connection,
                                             std::stop_token cancelled,
                                             absl::Duration limit);

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_EXEC_PLUGIN_H_

// A server for the methods of a registry: call chain, executor and gRPC, put
// together.
//
//   MethodRegistry registry;  // filled by the assembly
//   ASSIGN_OR_RETURN(auto server,
//                    Server::Start(options, std::move(registry),
//                                  {authenticator, audit}));
//   ...
//   server->Drain(options.grace);
#ifndef HOWDAH_BACKEND_SERVER_SERVER_H_
#define HOWDAH_BACKEND_SERVER_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/auth/authenticator.h"
#include "backend/auth/policy.h"
#include "backend/observability/audit_log.h"
#include "backend/observability/metrics.h"
#include "backend/server/async_server.h"
#include "backend/server/executor.h"
#include "backend/server/method_registry.h"
#include "proto/support/environment.h"
#include "proto/support/metrics_text.h"

namespace howdah::server {

struct ServerOptions {
  AsyncServerOptions net;
  ExecutorOptions executor;
  auth::PolicyOptions policy;
  // Those that are asked for; empty for what is on by default.
  std::vector<std::string> toolsets;
  // What may switch a toolset on unasked.
  support::EnvironmentOf environment = support::EmptyEnvironment;
};

// What the server is given; must outlive it.
struct ServerParts {
  auth::Authenticator& authenticator;
  observability::AuditLog& audit;
};

// Threads: safe. Owns: the registry and all that it makes itself. The services
// bound in the registry must outlive it.
class Server {
 public:
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerOptions& options, MethodRegistry registry,
      const ServerParts& parts);

  virtual ~Server() = default;

  // Addresses with their real ports.
  virtual const std::vector<std::string>& listening() const = 0;
  virtual const observability::CallMetrics& metrics() const = 0;
  // Calls by method and status code, with their time.
  virtual void TellMetrics(support::MetricsText& text) const = 0;
  // Whether Leave or Drain has been called.
  virtual bool draining() const = 0;
  // As --read-only, for the calls that come from now on.
  virtual void SetReadOnly(bool read_only) = 0;
  // See AsyncServer.
  virtual void Leave() = 0;
  virtual void Drain(absl::Duration grace) = 0;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_SERVER_H_

// The gRPC server: addresses, one completion queue, one thread that takes its
// events.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<AsyncServer> server,
//                    AsyncServer::Start(options, registry, chain));
//   Announce(server->listening());
//   ...
//   server->Drain(absl::Seconds(10));
//
// On two cores a hand-off between threads costs more than the work of a call
// that memory can answer, so such a call begins and ends on the one thread.
#ifndef HOWDAH_BACKEND_SERVER_ASYNC_SERVER_H_
#define HOWDAH_BACKEND_SERVER_ASYNC_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/server/call_chain.h"
#include "backend/server/method_registry.h"
#include "backend/server/tls_credentials.h"

namespace howdah::server {

struct AsyncServerOptions {
  // See listen_address.h. TCP port 0 takes a free one.
  std::vector<std::string> addresses;
  // For TCP addresses; Unix sockets are guarded by the file system.
  TlsFiles tls;
  // Lets TCP addresses beyond loopback be served without TLS.
  bool insecure_anywhere = false;
  int max_message_bytes = 4 << 20;
  int max_concurrent_streams = 1024;
  // Whether calls would find what they need; must not block. See health.h.
  std::function<bool()> ready = {};
};

// Threads: safe. Owns: its sockets and its thread. The registry and the chain
// must outlive it.
class AsyncServer {
 public:
  static absl::StatusOr<std::unique_ptr<AsyncServer>> Start(
      const AsyncServerOptions& options, const MethodRegistry& registry,
      CallChain& chain);

  virtual ~AsyncServer() = default;

  // Addresses with their real ports.
  virtual const std::vector<std::string>& listening() const = 0;

  // Reports NOT_SERVING, so that callers go elsewhere, and serves on.
  virtual void Leave() = 0;

  // Reports NOT_SERVING, takes no new calls, lets those that run finish within
  // `grace`, then cancels them. Returns when all have ended.
  virtual void Drain(absl::Duration grace) = 0;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_ASYNC_SERVER_H_

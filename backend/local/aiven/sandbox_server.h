// The sandbox's API over plain HTTP/1.1 on loopback, with the faults that only
// a connection can have.
//
//   ASSIGN_OR_RETURN(auto server, SandboxServer::Start({.port = 0}, api));
//   int port = server->port();
//   server->Stop();
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_SANDBOX_SERVER_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_SANDBOX_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backend/local/aiven/sandbox_api.h"

namespace howdah::local::aiven {

struct SandboxServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0 picks a free one
  uint64_t max_body = uint64_t{1} << 20;
  uint32_t max_header = 64 * 1024;
  int max_connections = 512;
  // Calls that are worked on at once; a starting database blocks one.
  int workers = 8;
};

// Threads: its own; Stop from any one. Owns: sockets and threads.
// Limits: refuses addresses beyond loopback; connections over the maximum are
// closed at once. Idle ones are closed after 50 seconds, as Aiven does.
class SandboxServer {
 public:
  // ALREADY_EXISTS if the port is taken. The API must outlive the server.
  static absl::StatusOr<std::unique_ptr<SandboxServer>> Start(
      const SandboxServerOptions& options, SandboxApi& api);
  ~SandboxServer();

  uint16_t port() const;
  // Closes the connections and waits for the threads.
  void Stop();

 private:
  class Impl;
  explicit SandboxServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_SANDBOX_SERVER_H_

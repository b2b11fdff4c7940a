// Serves the API over TLS on one loopback address: HTTP/1.1 with keep-alive,
// chunked streams for watches.
//
//   ASSIGN_OR_RETURN(auto server, HttpsServer::Start(options, router));
//   int port = server->port();
//   server->Stop();
#ifndef HOWDAH_BACKEND_LOCAL_API_HTTPS_SERVER_H_
#define HOWDAH_BACKEND_LOCAL_API_HTTPS_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/local/api/api_router.h"

namespace howdah::local {

struct HttpsServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0 picks a free one
  std::string certificate_pem;
  std::string private_key_pem;
  int threads = 2;
  uint64_t max_body = uint64_t{3} * 1024 * 1024;
  uint32_t max_header = 64 * 1024;
  int max_connections = 1024;
  // Between two bookmarks of a watch.
  absl::Duration bookmark_period = absl::Seconds(30);
};

// Threads: its own; Stop from any one. Owns: sockets and threads.
// Limits: refuses addresses beyond loopback; further connections over the
// maximum wait in the backlog.
class HttpsServer {
 public:
  // ALREADY_EXISTS if the port is taken. The router must outlive the server.
  static absl::StatusOr<std::unique_ptr<HttpsServer>> Start(
      const HttpsServerOptions& options, ApiRouter& router);
  ~HttpsServer();

  uint16_t port() const;
  // Closes the connections and waits for the threads.
  void Stop();

 private:
  class Impl;
  explicit HttpsServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_HTTPS_SERVER_H_

// The operator's side door of a program: probes and metrics, over plain HTTP.
//
//   AdminServer admin(io, [](const std::string& path, AdminServer::Answer to) {
//     if (path == "/health/live") return to({.body = "{\"status\":\"ok\"}"});
//     to(AdminServer::NothingHere());
//   });
//   ASSIGN_OR_RETURN(std::string address, admin.Start("9090"));
//
// It asks nobody who he is, so nothing that it tells is worth asking: counts,
// states, no names of callers or objects.
//
// There are two more HTTP servers, and no fourth. The adapter's transport
// (adapter/transports/http_server.h) has what its callers need and this one
// must not pay for: TLS, sessions, streams, hosts and origins, rates; the
// backend may not include it. The local plane's and sandbox's
// (backend/local/http) run on threads and answer for long. What all three
// share, Boost.Beast has; one server for all would have to live here, be the
// largest of them, and be linked into every backend.
#ifndef HOWDAH_PROTO_SUPPORT_ADMIN_SERVER_H_
#define HOWDAH_PROTO_SUPPORT_ADMIN_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace boost::asio {
class io_context;
}

namespace howdah::support {

struct AdminPage {
  int status = 200;
  std::string body = {};
  std::string content_type = "application/json";
};

// Threads: the one that runs the io_context, also for answers.
// Owns: its sockets.
// Limits: GET; one request for each connection, within 5 s; 64 connections.
class AdminServer {
 public:
  using Answer = std::function<void(AdminPage)>;
  // Is given the path and answers once, now or later.
  using Pages = std::function<void(const std::string& path, Answer answer)>;

  AdminServer(boost::asio::io_context& io, Pages pages);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  // "9090" is on loopback, "0.0.0.0:9090" is not; port 0 picks a free one.
  // Gives the real "host:port". INVALID_ARGUMENT or UNAVAILABLE in a sentence.
  absl::StatusOr<std::string> Start(absl::string_view listen);

  static AdminPage NothingHere();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_ADMIN_SERVER_H_

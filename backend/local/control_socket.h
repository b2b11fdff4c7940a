// The Unix socket by which other processes of the same user hold, ask and stop
// a plane. One JSON line each way.
//
//   {"command":"lease"}   -> facts; the plane stays while the connection does
//   {"command":"status"}  -> facts
//   {"command":"stop"}    -> facts; the connection ends when the plane has
//
// Server:   ASSIGN_OR_RETURN(auto socket, ControlSocket::Listen(path, events));
// Client:   ASSIGN_OR_RETURN(ControlClient plane,
// ControlClient::Connect(path));
//           ASSIGN_OR_RETURN(Json facts, plane.Ask("lease"));
#ifndef HOWDAH_BACKEND_LOCAL_CONTROL_SOCKET_H_
#define HOWDAH_BACKEND_LOCAL_CONTROL_SOCKET_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace howdah::local {

struct ControlEvents {
  // Facts to answer with.
  std::function<nlohmann::json()> facts;
  // Called once: the plane was told to stop, or nobody holds it any more.
  std::function<void(const std::string& reason)> on_stop;
  // Stop when the last lease has gone; without any lease after `first_lease`.
  bool exit_when_unused = false;
  absl::Duration first_lease = absl::Seconds(30);
};

// Threads: one of its own, which calls the events. Owns: the socket file.
class ControlSocket {
 public:
  static absl::StatusOr<std::unique_ptr<ControlSocket>> Listen(
      const std::string& path, ControlEvents events);
  // Removes the file; connections end.
  ~ControlSocket();

  // Takes no connections any more; those that stand see no end yet.
  void Refuse();

 private:
  class Impl;
  explicit ControlSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Threads: not safe. Owns: the connection.
class ControlClient {
 public:
  // UNAVAILABLE if no plane listens.
  static absl::StatusOr<ControlClient> Connect(const std::string& path);
  ControlClient(ControlClient&& other) noexcept;
  ControlClient& operator=(ControlClient&& other) noexcept;
  ~ControlClient();

  // Sends the command and waits for the answer. UNAVAILABLE if the plane goes.
  absl::StatusOr<nlohmann::json> Ask(const std::string& command,
                                     absl::Duration patience);
  // Readable when the plane has gone.
  int file() const { return file_; }

 private:
  explicit ControlClient(int file) : file_(file) {}
  int file_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_CONTROL_SOCKET_H_

// Addresses to listen on, checked before gRPC sees them.
//
//   ParseListenAddress("127.0.0.1:50051")      TCP on loopback
//   ParseListenAddress("unix:/run/howdah.sock") Unix socket
//
// TCP beyond loopback needs TLS or an explicit wish; a Unix socket needs a
// directory that others cannot tamper with, and is open to its owner only.
#ifndef HOWDAH_BACKEND_SERVER_LISTEN_ADDRESS_H_
#define HOWDAH_BACKEND_SERVER_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::server {

// Threads: a value.
struct ListenAddress {
  // Path of a Unix socket; empty for TCP.
  std::string socket_path;
  // Host and port of a TCP address; IPv6 hosts without brackets.
  std::string host;
  int port = 0;

  bool is_unix() const { return !socket_path.empty(); }
  bool is_loopback() const;
  // As gRPC and people write it.
  std::string ToString() const;
};

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// Checks the directory and removes a socket that nobody serves any more.
// FAILED_PRECONDITION if somebody does.
absl::Status PrepareSocketPath(const std::string& path);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_LISTEN_ADDRESS_H_

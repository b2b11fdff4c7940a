// Where a backend listens, and how to get a socket that leads there.
//
//   ASSIGN_OR_RETURN(BackendAddress address,
//                    ParseBackendAddress("unix:/run/howdah/backend.sock"));
//   ConnectBackend(io, address, absl::Seconds(5),
//                  [](absl::StatusOr<BackendSocket> socket) { ... });
//
// Forms: "unix:/path", "host:port", "[::1]:50051".
#ifndef HOWDAH_ADAPTER_UPSTREAM_BACKEND_ADDRESS_H_
#define HOWDAH_ADAPTER_UPSTREAM_BACKEND_ADDRESS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/asio/basic_stream_socket.hpp"
#include "boost/asio/generic/stream_protocol.hpp"
#include "boost/asio/io_context.hpp"

namespace howdah::upstream {

// Unix or TCP, without the indirections of a type-erased executor.
using BackendSocket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                     boost::asio::io_context::executor_type>;

struct BackendAddress {
  std::string text;  // as given
  std::string unix_path;
  std::string host;  // empty for a Unix socket
  std::string port;

  bool is_unix() const { return host.empty(); }
};

absl::StatusOr<BackendAddress> ParseBackendAddress(absl::string_view text);

// Calls `done` later with a connected, non-blocking socket. A host name is
// tried at each of its addresses.
void ConnectBackend(boost::asio::io_context& io, const BackendAddress& address,
                    absl::Duration timeout,
                    std::function<void(absl::StatusOr<BackendSocket>)> done);

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_BACKEND_ADDRESS_H_

// One connected socket with the gRPC channel that lives on it. Internal to
// backend_channel, which explains how the two share the descriptor.
#ifndef HOWDAH_ADAPTER_UPSTREAM_CONNECTION_H_
#define HOWDAH_ADAPTER_UPSTREAM_CONNECTION_H_

#include <memory>

#include "absl/status/statusor.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/posix/stream_descriptor.hpp"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"

namespace howdah::upstream {

// Threads: one. Owns: the channel and the watched duplicate.
struct Connection {
  std::shared_ptr<grpc::Channel> channel;
  grpc::GenericStub stub;
  boost::asio::posix::stream_descriptor watch;

  // Takes `fd`, which is connected and non-blocking, in any case.
  static absl::StatusOr<std::shared_ptr<Connection>> Make(
      boost::asio::io_context& io, int fd);

  // Whether the other side has closed, without reading anything.
  bool Closed();
};

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_CONNECTION_H_

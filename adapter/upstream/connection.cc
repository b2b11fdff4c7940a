#include "adapter/upstream/connection.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <utility>

#include "grpcpp/create_channel_posix.h"
#include "grpcpp/support/channel_arguments.h"

namespace howdah::upstream {
namespace {

constexpr int kMaxAnswerBytes = 64 * 1024 * 1024;

// What the backend may send ahead of being read: a long list then arrives
// without a round trip for each 64 KiB. On one machine there is no bandwidth to
// probe for.
constexpr int kWindowBytes = 4 * 1024 * 1024;

}  // namespace

absl::StatusOr<std::shared_ptr<Connection>> Connection::Make(
    boost::asio::io_context& io, int fd) {
  const int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) {
    close(fd);
    return absl::ResourceExhaustedError(
        "no file descriptor is left; raise the limit (ulimit -n)");
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
  auto channel =
      grpc::CreateCustomInsecureChannelFromFd("localhost", fd, arguments);
  boost::asio::posix::stream_descriptor watch(io, duplicate);
  return std::shared_ptr<Connection>(
      new Connection{channel, grpc::GenericStub(channel), std::move(watch)});
}

bool Connection::Closed() {
  // Says so even while bytes of the other side wait to be read.
  pollfd socket = {watch.native_handle(), POLLRDHUP, 0};
  return poll(&socket, 1, 0) > 0 &&
         (socket.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

}  // namespace howdah::upstream

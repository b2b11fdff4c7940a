#include "adapter/upstream/connection.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
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
  char byte = 0;
  const ssize_t got =
      recv(watch.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0) return false;
  return got == 0 || (errno != EAGAIN && errno != EINTR);
}

}  // namespace howdah::upstream

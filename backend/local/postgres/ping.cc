#include "backend/local/postgres/ping.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace howdah::local::postgres {
namespace {

// "May we speak TLS?" is the one question that a server answers with a single
// byte before it knows who asks: length 8, then the number of the request.
constexpr unsigned char kQuestion[] = {0, 0, 0, 8, 4, 210, 22, 47};

}  // namespace

bool Ping(const Endpoint& endpoint, absl::Duration timeout) {
  const std::string path =
      absl::StrCat(endpoint.socket_directory, "/.s.PGSQL.", endpoint.port);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  path.copy(address.sun_path, path.size());
  const int server =
      socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (server < 0) return false;
  absl::Cleanup close_server = [server] { close(server); };
  // Fails at once also where the queue of a server that hangs is full.
  if (connect(server, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) != 0 ||
      send(server, kQuestion, sizeof(kQuestion), MSG_NOSIGNAL) !=
          sizeof(kQuestion)) {
    return false;
  }
  pollfd readable{server, POLLIN, 0};
  char answer;
  return poll(&readable, 1,
              static_cast<int>(absl::ToInt64Milliseconds(timeout))) == 1 &&
         recv(server, &answer, 1, 0) == 1;
}

}  // namespace howdah::local::postgres

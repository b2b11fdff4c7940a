#include "backend/local/postgres/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

namespace howdah::local::postgres {
namespace {

constexpr int kFirstPort = 20000;
constexpr int kLastPort = 31999;

}  // namespace

bool IsFree(int port) {
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  // As PostgreSQL does: connections in TIME_WAIT do not count.
  int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool free = bind(descriptor, reinterpret_cast<sockaddr*>(&address),
                   sizeof(address)) == 0;
  close(descriptor);
  return free;
}

absl::StatusOr<int> PortAllocator::Allocate() {
  std::lock_guard<std::mutex> lock(mutex_);
  std::random_device random;
  std::uniform_int_distribution<int> any(kFirstPort, kLastPort);
  for (int attempt = 0; attempt < 2000; ++attempt) {
    int port = any(random);
    if (taken_.count(port) == 0 && IsFree(port)) {
      taken_.insert(port);
      return port;
    }
  }
  return absl::ResourceExhaustedError(
      "no free TCP port between 20000 and "
      "31999");
}

void PortAllocator::Reserve(int port) {
  std::lock_guard<std::mutex> lock(mutex_);
  taken_.insert(port);
}

}  // namespace howdah::local::postgres

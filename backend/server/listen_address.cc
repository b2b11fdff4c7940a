#include "backend/server/listen_address.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::server {
namespace {

using support::ErrorBuilder;

constexpr absl::string_view kUnixPrefix = "unix:";
constexpr size_t kLongestSocketPath = sizeof(sockaddr_un{}.sun_path) - 1;
constexpr int kHighestPort = 65535;

absl::Status BadAddress(absl::string_view text, absl::string_view expected) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "BAD_LISTEN_ADDRESS",
                      support::kHowdahDomain)
      .Message(absl::StrCat("Cannot listen on \"", text, "\": expected ",
                            expected, "."))
      .With("address", text)
      .Build();
}

absl::Status Unusable(absl::string_view path, absl::string_view why) {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                      "SOCKET_PATH_UNUSABLE", support::kHowdahDomain)
      .Message(absl::StrCat("Cannot listen on unix:", path, ": ", why, "."))
      .With("path", path)
      .Build();
}

absl::Status CheckDirectory(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "."
                                : slash == 0               ? "/"
                                             : path.substr(0, slash);
  struct stat facts = {};
  if (::stat(directory.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return Unusable(path, absl::StrCat(directory, " is not a directory"));
  }
  const bool ours = facts.st_uid == ::geteuid() || facts.st_uid == 0;
  const bool others_write = (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  const bool sticky = (facts.st_mode & S_ISVTX) != 0;
  if (!ours || (others_write && !sticky)) {
    return Unusable(
        path, absl::StrCat("other users can replace files in ", directory));
  }
  return absl::OkStatus();
}

// Whether a server accepts connections on the socket.
bool IsServed(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const bool refused =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) != 0 &&
      errno == ECONNREFUSED;
  ::close(fd);
  return !refused;
}

}  // namespace

bool ListenAddress::is_loopback() const {
  return host == "localhost" || host == "::1" || absl::StartsWith(host, "127.");
}

std::string ListenAddress::ToString() const {
  if (is_unix()) return absl::StrCat(kUnixPrefix, socket_path);
  if (absl::StrContains(host, ':')) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  ListenAddress address;
  absl::string_view rest = text;
  if (absl::StartsWith(rest, kUnixPrefix)) {
    rest.remove_prefix(kUnixPrefix.size());
    if (absl::StartsWith(rest, "///")) rest.remove_prefix(2);
    if (rest.empty() || rest.size() > kLongestSocketPath) {
      return BadAddress(text, absl::StrCat("unix: and a path of 1 to ",
                                           kLongestSocketPath, " bytes"));
    }
    address.socket_path = std::string(rest);
    return address;
  }
  const size_t colon = rest.rfind(':');
  absl::string_view host = rest.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (absl::StrContains(host, ':')) {
    host = "";
  }
  if (colon == absl::string_view::npos || host.empty() ||
      !absl::SimpleAtoi(rest.substr(colon + 1), &address.port) ||
      address.port < 0 || address.port > kHighestPort) {
    return BadAddress(text, "host:port such as 127.0.0.1:50051, or unix:/path");
  }
  address.host = std::string(host);
  return address;
}

absl::Status PrepareSocketPath(const std::string& path) {
  absl::Status directory = CheckDirectory(path);
  if (!directory.ok()) return directory;
  struct stat facts = {};
  if (::lstat(path.c_str(), &facts) != 0) return absl::OkStatus();
  if (!S_ISSOCK(facts.st_mode)) {
    return Unusable(path, "something that is not a socket is there");
  }
  if (IsServed(path)) return Unusable(path, "another server listens there");
  if (::unlink(path.c_str()) != 0) {
    return Unusable(path, "the stale socket there cannot be removed");
  }
  return absl::OkStatus();
}

}  // namespace howdah::server

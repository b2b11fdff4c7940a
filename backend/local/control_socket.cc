#include "backend/local/control_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

constexpr size_t kMaxLine = 4096;

// Addresses of Unix sockets hold 107 bytes; by way of an open directory the
// length of a path does not matter.
class SocketAddress {
 public:
  explicit SocketAddress(const std::string& path) {
    std::filesystem::path file(path);
    directory_ = open(file.parent_path().c_str(), O_PATH | O_CLOEXEC);
    address_.sun_family = AF_UNIX;
    std::string name = absl::StrCat("/proc/self/fd/", directory_, "/",
                                    file.filename().string());
    strncpy(address_.sun_path, name.c_str(), sizeof(address_.sun_path) - 1);
  }
  ~SocketAddress() {
    if (directory_ >= 0) close(directory_);
  }
  SocketAddress(const SocketAddress&) = delete;
  SocketAddress& operator=(const SocketAddress&) = delete;

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&address_);
  }
  static constexpr socklen_t size() { return sizeof(sockaddr_un); }

 private:
  int directory_;
  sockaddr_un address_ = {};
};

absl::Status Failed(absl::string_view what, const std::string& path) {
  int error = errno;
  return absl::ErrnoToStatus(error, absl::StrCat("Cannot ", what, " ", path));
}

bool SendLine(int file, const std::string& text) {
  std::string line = text + "\n";
  return send(file, line.data(), line.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(line.size());
}

}  // namespace

class ControlSocket::Impl {
 public:
  Impl(std::string path, int listener, ControlEvents events)
      : path_(std::move(path)),
        listener_(listener),
        wake_(eventfd(0, EFD_CLOEXEC)),
        events_(std::move(events)),
        thread_([this] { Run(); }) {}

  ~Impl() {
    ending_ = true;
    Wake();
    thread_.join();
    Refuse();
    for (auto& [file, client] : clients_) close(file);
    close(listener_);
    close(wake_);
  }

  void Refuse() {
    if (!refusing_.exchange(true)) unlink(path_.c_str());
    Wake();
  }

 private:
  struct Client {
    std::string input;
    bool lease = false;
  };

  void Wake() {
    uint64_t one = 1;
    if (write(wake_, &one, sizeof(one)) < 0) return;
  }

  void Run() {
    absl::Time first_deadline = absl::Now() + events_.first_lease;
    while (!ending_) {
      std::vector<pollfd> files = {{wake_, POLLIN, 0}};
      if (!refusing_) files.push_back({listener_, POLLIN, 0});
      for (auto& [file, client] : clients_) files.push_back({file, POLLIN, 0});
      bool waits_for_first =
          events_.exit_when_unused && !leased_ && !stop_called_;
      int timeout = -1;
      if (waits_for_first) {
        timeout = static_cast<int>(absl::ToInt64Milliseconds(std::max(
                      first_deadline - absl::Now(), absl::ZeroDuration()))) +
                  1;
      }
      if (poll(files.data(), files.size(), timeout) == 0 && waits_for_first) {
        CallStop("no lease was taken");
        continue;
      }
      for (const pollfd& ready : files) {
        if (ready.revents == 0) continue;
        if (ready.fd == wake_) {
          uint64_t count;
          if (read(wake_, &count, sizeof(count)) < 0) continue;
        } else if (ready.fd == listener_) {
          int file = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
          if (file >= 0) clients_[file] = {};
        } else {
          Serve(ready.fd);
        }
      }
    }
  }

  void Serve(int file) {
    Client& client = clients_[file];
    char buffer[1024];
    ssize_t got = recv(file, buffer, sizeof(buffer), 0);
    if (got <= 0) {
      Drop(file);
      return;
    }
    client.input.append(buffer, static_cast<size_t>(got));
    size_t end = client.input.find('\n');
    if (end == std::string::npos) {
      if (client.input.size() > kMaxLine) Drop(file);
      return;
    }
    nlohmann::json request =
        nlohmann::json::parse(client.input.substr(0, end), nullptr, false);
    client.input.erase(0, end + 1);
    std::string command;
    if (request.is_object() && request.contains("command") &&
        request["command"].is_string()) {
      command = request["command"].get<std::string>();
    }
    Answer(file, client, command);
  }

  void Answer(int file, Client& client, const std::string& command) {
    if (command != "lease" && command != "status" && command != "stop") {
      SendLine(file, R"({"error":"commands are lease, status and stop"})");
      return;
    }
    if (stop_called_ && command == "lease") {
      Drop(file);  // too late: the client starts the next plane
      return;
    }
    if (!SendLine(file, events_.facts().dump())) {
      Drop(file);
      return;
    }
    if (command == "lease") {
      client.lease = true;
      leased_ = true;
    } else if (command == "stop") {
      CallStop("stopped by command");
    }
  }

  void Drop(int file) {
    bool lease = clients_[file].lease;
    close(file);
    clients_.erase(file);
    if (!lease || !events_.exit_when_unused) return;
    for (auto& [other, client] : clients_) {
      if (client.lease) return;
    }
    CallStop("the last lease has gone");
  }

  void CallStop(const std::string& reason) {
    if (stop_called_) return;
    stop_called_ = true;
    events_.on_stop(reason);
  }

  const std::string path_;
  const int listener_;
  const int wake_;
  const ControlEvents events_;
  std::atomic<bool> ending_ = false;
  std::atomic<bool> refusing_ = false;
  // Of the thread only.
  std::map<int, Client> clients_;
  bool leased_ = false;
  bool stop_called_ = false;
  std::thread thread_;
};

ControlSocket::ControlSocket(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
ControlSocket::~ControlSocket() = default;

void ControlSocket::Refuse() { impl_->Refuse(); }

absl::StatusOr<std::unique_ptr<ControlSocket>> ControlSocket::Listen(
    const std::string& path, ControlEvents events) {
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return Failed("make a socket for", path);
  unlink(path.c_str());  // what a killed plane left; the plane lock is ours
  SocketAddress address(path);
  mode_t mask = umask(0177);
  bool good = bind(listener, address.get(), SocketAddress::size()) == 0 &&
              listen(listener, 64) == 0;
  absl::Status status = good ? absl::OkStatus() : Failed("listen on", path);
  umask(mask);
  if (!status.ok()) {
    close(listener);
    return status;
  }
  return std::unique_ptr<ControlSocket>(new ControlSocket(
      std::make_unique<Impl>(path, listener, std::move(events))));
}

absl::StatusOr<ControlClient> ControlClient::Connect(const std::string& path) {
  int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file < 0) return Failed("make a socket for", path);
  ControlClient client(file);
  SocketAddress address(path);
  if (connect(file, address.get(), SocketAddress::size()) != 0) {
    return absl::UnavailableError(
        absl::StrCat("No plane answers on ", path, ": ", strerror(errno)));
  }
  return client;
}

ControlClient::ControlClient(ControlClient&& other) noexcept
    : file_(other.file_) {
  other.file_ = -1;
}

ControlClient& ControlClient::operator=(ControlClient&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

ControlClient::~ControlClient() {
  if (file_ >= 0) close(file_);
}

absl::StatusOr<nlohmann::json> ControlClient::Ask(const std::string& command,
                                                  absl::Duration patience) {
  if (!SendLine(file_, nlohmann::json{{"command", command}}.dump())) {
    return absl::UnavailableError("The plane has gone");
  }
  absl::Time deadline = absl::Now() + patience;
  std::string line;
  while (line.empty() || line.back() != '\n') {
    pollfd ready = {file_, POLLIN, 0};
    int left = static_cast<int>(absl::ToInt64Milliseconds(
        std::max(deadline - absl::Now(), absl::ZeroDuration())));
    int count = poll(&ready, 1, left);
    if (count == 0) return absl::DeadlineExceededError("The plane is silent");
    if (count < 0 && errno == EINTR) continue;
    char c;
    if (recv(file_, &c, 1, 0) <= 0) {
      return absl::UnavailableError("The plane has gone");
    }
    line += c;
  }
  nlohmann::json answer = nlohmann::json::parse(line, nullptr, false);
  if (!answer.is_object()) {
    return absl::InternalError("The plane's answer is no JSON");
  }
  return answer;
}

}  // namespace howdah::local

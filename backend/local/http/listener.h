// Accepts connections on one loopback address, on threads of its own, and
// knows which are open.
//
//   ASSIGN_OR_RETURN(auto listener, Listener::Start({.port = 0}, [&](auto s) {
//     StartConnection(std::move(s), connections);
//   }));
//   listener->Stop(connections);
#ifndef HOWDAH_BACKEND_LOCAL_HTTP_LISTENER_H_
#define HOWDAH_BACKEND_LOCAL_HTTP_LISTENER_H_

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"

namespace howdah::local {

class OpenConnection {
 public:
  virtual ~OpenConnection() = default;
  // Ends it soon, from any thread.
  virtual void Close() = 0;
};

// Threads: safe. Owns: nothing; connections live as long as they have work.
class ConnectionSet {
 public:
  // False if there are `limit` already.
  bool Add(const std::shared_ptr<OpenConnection>& connection, size_t limit);
  void Remove(OpenConnection* connection);
  void CloseAll();

 private:
  std::mutex mutex_;
  std::map<OpenConnection*, std::weak_ptr<OpenConnection>> open_;
};

struct ListenerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0 picks a free one
  // The flag that chooses the port, for messages.
  std::string port_flag = "--port";
  int threads = 2;
};

// Threads: its own; Stop from any one. Owns: the acceptor and the threads.
// Limits: refuses addresses beyond loopback.
class Listener {
 public:
  // Each socket has a strand as its executor. ALREADY_EXISTS if the port is
  // taken.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(
      const ListenerOptions& options,
      std::function<void(boost::asio::ip::tcp::socket)> on_socket);
  ~Listener();

  uint16_t port() const;
  // Takes no connections any more, closes these, and waits for the threads.
  void Stop(ConnectionSet& connections);

 private:
  class Impl;
  explicit Listener(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_HTTP_LISTENER_H_

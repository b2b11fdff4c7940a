// One connection of the HTTPS server, and the set of those that are open.
//
//   StartConnection(std::move(socket), tls, router, options, connections);
//   connections.CloseAll();
#ifndef HOWDAH_BACKEND_LOCAL_API_HTTPS_CONNECTION_H_
#define HOWDAH_BACKEND_LOCAL_API_HTTPS_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <map>
#include <memory>
#include <mutex>

#include "backend/local/api/api_router.h"
#include "backend/local/api/https_server.h"

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

// Serves the socket, whose executor is a strand; over the limit it is closed.
// Everything given by reference must outlive the connection.
void StartConnection(boost::asio::ip::tcp::socket socket,
                     boost::asio::ssl::context& tls, ApiRouter& router,
                     const HttpsServerOptions& options,
                     ConnectionSet& connections);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_HTTPS_CONNECTION_H_

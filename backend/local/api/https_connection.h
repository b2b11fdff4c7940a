// One connection of the HTTPS server.
//
//   StartConnection(std::move(socket), tls, router, options, connections);
#ifndef HOWDAH_BACKEND_LOCAL_API_HTTPS_CONNECTION_H_
#define HOWDAH_BACKEND_LOCAL_API_HTTPS_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "backend/local/api/api_router.h"
#include "backend/local/api/https_server.h"
#include "backend/local/http/listener.h"

namespace howdah::local {

// Serves the socket, whose executor is a strand; over the limit it is closed.
// Everything given by reference must outlive the connection.
void StartConnection(boost::asio::ip::tcp::socket socket,
                     boost::asio::ssl::context& tls, ApiRouter& router,
                     const HttpsServerOptions& options,
                     ConnectionSet& connections);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_HTTPS_CONNECTION_H_
